"""A signed ERC-2612 permit of the settlement token, by which a debt is paid in one act."""

from typing import Any, Final

from ledger.ports.signer import Signer
from scripts.demo.stage import Stage

PERMIT_TYPES: Final = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Permit": [
        {"name": "owner", "type": "address"},
        {"name": "spender", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint256"},
    ],
}
VALID_FOR_S: Final = 365 * 86_400


def token_permit(stage: Stage, owner: Signer, value: int) -> dict[str, Any]:
    """Sign over an allowance of `value` [minor units] to the debt ledger; as the contract's `TokenPermit`, in JSON."""
    deadline = stage.reader.head().time + VALID_FOR_S
    message = {
        "types": PERMIT_TYPES,
        "primaryType": "Permit",
        "domain": {
            "name": stage.view("SettlementToken", "name"),
            "version": "1",
            "chainId": stage.reader.chain_id(),
            "verifyingContract": stage.reader.address_of("SettlementToken"),
        },
        "message": {
            "owner": owner.address,
            "spender": stage.reader.address_of("DebtLedger"),
            "value": value,
            "nonce": stage.view("SettlementToken", "nonces", owner.address),
            "deadline": deadline,
        },
    }
    signature = owner.sign_typed_data(message)
    return {
        "value": str(value),
        "deadline": deadline,
        "v": signature[64],
        "r": "0x" + signature[:32].hex(),
        "s": "0x" + signature[32:64].hex(),
    }
