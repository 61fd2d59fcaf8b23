"""Words for acts whose code and NatSpec come from OpenZeppelin: its texts speak to programmers, or are not there."""

from collections.abc import Mapping
from typing import Final

UNITS: Final = "Minor units of the settlement currency."

NOTICES: Final[Mapping[str, Mapping[str, str]]] = {
    "SettlementToken": {
        "approve": (
            "Lets `spender` take up to `value` [minor units] of the signer's tokens, in place of what it was allowed "
            "before; 0 ends the allowance."
        ),
        "permit": (
            "Brings in an allowance that `owner` signed off the ledger (EIP-2612): `spender` may take up to `value` "
            "[minor units] of the owner's tokens. Whoever brings it, the owner's signature decides."
        ),
        "transfer": "Pays `value` [minor units] of the signer's tokens to `to`. It cannot be taken back.",
        "transferFrom": (
            "Pays `value` [minor units] of the tokens of `from` to `to`, out of what `from` allowed the signer to "
            "take. It cannot be taken back."
        ),
    },
}
"""What an act does, by contract and function."""
PARAMETERS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "SettlementToken": {
        "approve": {"spender": "Key or contract that may take it.", "value": UNITS},
        "permit": {
            "owner": "Key whose tokens may be taken, and which signed the allowance.",
            "spender": "Key or contract that may take them.",
            "value": UNITS,
            "deadline": "Until when the owner's signature counts [unix s].",
            "v": "Of the owner's signature.",
            "r": "Of the owner's signature.",
            "s": "Of the owner's signature.",
        },
        "transfer": {"to": "Key or contract that is paid.", "value": UNITS},
        "transferFrom": {"from": "Key that pays.", "to": "Key or contract that is paid.", "value": UNITS},
    },
}
"""What an argument is, by contract, function and name."""
