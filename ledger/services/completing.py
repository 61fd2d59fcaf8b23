"""Arguments of an act that need not be given: what can be read is read, what can be drawn is drawn."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import Address
from ledger.ports.chain import ChainReader
from ledger.ports.contracts import ContractCodec
from ledger.services.act_values import values_of
from ledger.services.versions import expected_version

REQUEST_ID: Final = "requestId"
FILLED: Final[Mapping[str, str]] = {
    REQUEST_ID: "Drawn, if not given.",
    "expectedVersion": "The revision in force, if not given.",
    "evidence": "Record id; none, if not given.",
    "application": "Application that it answers; none, if not given.",
}
"""Parameters that need not be given, and what stands for them."""
NOTHING: Final = "0x" + "00" * 32
"""No record, no application."""
REQUEST_ID_BYTES: Final = 32


def checked(
    codec: ContractCodec, contract: str, function: str, given: Mapping[str, Any], bad: Sequence[Fault] = ()
) -> dict[str, Any]:
    """Arguments by name as `ledger.ports.contracts` takes them, from those that people write.

    Args:
        codec: Knows the act.
        contract: Directory name.
        function: ABI name.
        given: Values as `ledger.services.act_values` takes them.
        bad: What is wrong with arguments that could not be read, and so are not among those given.

    Raises:
        Malformed: `bad`; and whatever else is needed and not given, not known, or does not fit: all of it at once.
        NotFound: It is no such act.
    """
    parameters = codec.parameters(contract, function)
    names = [param.name for param in parameters]
    unread = {fault.path.split("/")[1] for fault in bad}
    values, faults = values_of(parameters, {name: value for name, value in given.items() if name in names})
    unknown = sorted(given.keys() - set(names))
    faults += [Fault("unknown_field", f"/{n}", f"not one of {', '.join(sorted(names))}") for n in unknown]
    missing = [name for name in names if name not in given and name not in FILLED and name not in unread]
    faults += [Fault("missing", f"/{name}", "this argument is needed") for name in missing]
    try:
        codec.encode_call(contract, function, values)
    except Malformed as misfits:
        absent = {f"/{name}" for name in names if name not in values}
        faults += [fault for fault in misfits.faults if fault.path not in absent]
    if bad or faults:
        raise Malformed(*bad, *faults)
    return values


def complete(
    given: Mapping[str, Any], names: Sequence[str], read_version: Callable[[Mapping[str, Any]], int]
) -> dict[str, Any]:
    """Arguments by name: those given, and for the others what stands for them.

    Args:
        given: As `checked` gives them.
        names: The act's parameters.
        read_version: Reads the revision in force, from the arguments so far.
    """
    args: dict[str, Any] = {name: given[name] for name in names if name in given}
    for name in names:
        if name in args:
            continue
        if name == REQUEST_ID:
            args[name] = "0x" + secrets.token_hex(REQUEST_ID_BYTES)
        elif name != "expectedVersion":
            args[name] = NOTHING
    if "expectedVersion" in names and "expectedVersion" not in args:
        args["expectedVersion"] = read_version({name: integer_or_same(value) for name, value in args.items()})
    return args


def version_reader(
    reader: ChainReader, contract: str, function: str, actor: Address
) -> Callable[[Mapping[str, Any]], int]:
    """What reads the revision that an act of `actor` must cite, at a final block."""
    return lambda args: expected_version(reader, contract, function, args, actor, at=reader.final_head())


def integer_or_same(value: Any) -> Any:
    """The integer that a decimal text is; other values as they are."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value
