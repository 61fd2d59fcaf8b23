"""Governance's decisions by hand: each signer runs the same command on the same file, until enough have.

    {"request": "admit the port authority",
     "calls": [{"contract": "ParticipantRegistry", "function": "admit",
                "args": {"requestId": "0x…", "roles": 1, "supervisor": 0, "profile": "0x…"}}]}

All calls of a decision happen or none. The same file is the same decision, so repeating a step changes nothing.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.bootstrap.chain import Chain
from ledger.cli import context
from ledger.cli.output import Json, console, show_json
from ledger.domain import canonical
from ledger.domain.errors import Fault, Malformed
from ledger.domain.hashing import digest
from ledger.domain.ids import Address, TxHash
from ledger.domain.limits import MIB
from ledger.domain.reason_codes import GIVEN, RegistryReason
from ledger.ports.signer import Signer
from ledger.services.act_values import values_of

REASONS = f"A reason is {' | '.join(GIVEN[RegistryReason.__name__])}, or a number."
MAX_DECISION_BYTES = MIB
"""A decision has to fit into a block, which is far smaller."""


def govern(
    decision: Annotated[Path, typer.Argument(help=f"JSON file: a request and its calls, as below. {REASONS}")],
    key: Annotated[str, typer.Option("--key", help="Name or address of one of governance's keys.")],
    as_json: Json = False,
) -> None:
    """Propose, approve or execute a decision of governance: whatever comes next for this signer.

    The file holds {"request": TEXT, "calls": [{"contract": NAME, "function": NAME, "args": {NAME: VALUE}}]}.
    Instants, enumerations and reasons may be words.
    """
    chain = context.hand().chain
    request, calls = _read(decision, chain)
    signer = context.signer(key)
    with context.turn_of(signer) as turn:

        def transact(_: Signer, to: Address, calldata: bytes, *, gas: int) -> TxHash:
            return turn.transact(to, calldata, gas=gas)

        done, tx_hash = chain.governing(transact).step(signer, digest(request.encode()), calls)
    if as_json:
        show_json({"state": done, "tx_hash": tx_hash})
    elif tx_hash is None:
        console.print("executed before" if done == "executed" else "waiting for other signers, or for the delay")
    else:
        console.print(f"{done}: {request}; transaction 0x{tx_hash.hex()}", markup=False, soft_wrap=True)


def _read(path: Path, chain: Chain) -> tuple[str, list[Any]]:
    value = canonical.loads(context.read_file(path, MAX_DECISION_BYTES + 1), max_bytes=MAX_DECISION_BYTES)
    _has(value, "", request=str, calls=list)
    faults = [Fault("empty", "/calls", "a decision needs a call")] if not value["calls"] else []
    calls = []
    for index, call in enumerate(value["calls"]):
        try:
            _has(call, f"/calls/{index}", contract=str, function=str, args=dict)
            calls.append(_call(chain, f"/calls/{index}/args", **call))
        except Malformed as bad:
            faults += bad.faults
    if faults:
        raise Malformed(*faults)
    return value["request"], calls


def _call(chain: Chain, path: str, contract: str, function: str, args: dict[str, Any]) -> Any:
    """A call for `Chain.governing`, its arguments as people write them.

    Raises `Malformed` with all that is wrong with those, below `path`.
    """
    values, faults = values_of(chain.contracts.inputs(contract, function), args)
    try:
        made = chain.governing().call(contract, chain.reader.address_of(contract), function, values)
    except Malformed as misfits:
        faults += misfits.faults
    if faults:
        raise Malformed(*(Fault(each.code, path + each.path, each.text) for each in faults))
    return made


def _has(value: Any, path: str, **members: type) -> None:
    """Exactly these members, of these types; all that is wrong at once."""
    if type(value) is not dict:
        raise Malformed(Fault("type", path, "an object is needed here"))
    faults = [Fault("unknown_field", f"{path}/{name}", "not a member here") for name in value.keys() - members.keys()]
    for name, kind in members.items():
        if type(value.get(name)) is not kind:
            faults.append(Fault("type", f"{path}/{name}", f"{kind.__name__} is needed here"))
    if faults:
        raise Malformed(*faults)
