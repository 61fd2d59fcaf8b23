"""The state of declarations, permits and documents as the contracts answer it, each at one block.

The chain itself is asked, now or at any past block: "the state at T" is that of the last block with time ≤ T.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.codes import in_words, named
from ledger.domain.errors import ActRefused, NotFound
from ledger.domain.held import BEFORE_ACCEPTANCE, before_acceptance
from ledger.domain.ids import CaseId, ParticipantId, RecordId
from ledger.domain.judging import DocumentState
from ledger.ports.chain import ChainReader, Head
from ledger.ports.index_store import IndexStore

DECLARATIONS: Final = "DeclarationRegistry"
DEBTS: Final = "DebtLedger"
PERMITS: Final = "PermitRegistry"
DOCUMENTS: Final = "DocumentRegistry"
RULES: Final = "RuleRegistry"
UNKNOWN: Final = "UNKNOWN"
REINSTATED: Final = "REINSTATED"
STANDINGS: Final[Mapping[str, str]] = {
    UNKNOWN: (
        "No change of its status is registered. That is so of a document in force, of one that has expired, and of one "
        "that was never issued: only its proof tells them apart (POST /v1/verify)."
    ),
    REINSTATED: (
        "It was suspended, and the suspension was taken back. Whether it was ever issued and is in force, only its "
        "proof tells (POST /v1/verify)."
    ),
    "SUSPENDED": "Its issuer suspended it.",
    "SUSPENDED_BY_AUTHORITY": "Its issuer's supervising authority suspended it.",
    "REVOKED": "It was revoked, for ever.",
    "SUPERSEDED": "Its issuer replaced it by another.",
}
"""What can be said of a record by its id alone."""


@dataclass(frozen=True)
class State:
    """What was read, and where.

    Attributes:
        block: The one block of all reads.
        values: What the contracts answered, enumerations as words.
    """

    block: Head
    values: Mapping[str, Any]


class States:
    """Reads states from the chain."""

    def __init__(self, reader: ChainReader, index: IndexStore) -> None:
        self._reader, self._index = reader, index

    def declaration(self, case: CaseId, *, at: int | None = None) -> State:
        """State, items and debt of a declaration, and what stands against its release, also before its acceptance.

        Args:
            case: Declaration id.
            at: Instant [unix s]; None: now.

        Raises:
            NotFound: There was no such declaration.
            Unavailable: No node, or it has no state for that block.
        """
        block = self._block(at)
        state = self._found(DECLARATIONS, "state", (case,), block, "declaration", str(case))
        count = state["itemCount"]
        numbers = range(1, count + 1)
        answers = self._reader.call_many(
            [
                *(
                    (DECLARATIONS, function, (case, n))
                    for function in ("item", "checks", "permitUses")
                    for n in numbers
                ),
                (DECLARATIONS, "missing", (case, 1, count)),
                (DEBTS, "caseOf", (case,)),
                (DEBTS, "chargesOf", (case,)),
                (DEBTS, "owedOn", (case,)),
                (DEBTS, "stateOf", (case, block.time if at is None else at)),
            ],
            at=block,
        )
        told = [None if isinstance(answer, ActRefused) else answer for answer in answers]
        items, checks, uses = (told[k * count : (k + 1) * count] for k in range(3))
        missing, debt, charges, owed, fiscal = told[3 * count :]
        if state["status"] in BEFORE_ACCEPTANCE:
            missing = before_acceptance(state, self._procedure(state["regime"], block))
        return State(
            block,
            {
                "case": str(case),
                "mrn": state["mrn"].rstrip(b"\0").decode("ascii", "replace") or None,
                **in_words({name: value for name, value in state.items() if name != "mrn"}),
                "items": [
                    {"number": n, **in_words(item), "checks": _checks(check), "permit_uses": use}
                    for n, item, check, use in zip(numbers, items, checks, uses, strict=True)
                ],
                "missing": None if missing is None else [in_words(reason) for reason in missing],
                "debt": _debt(debt, charges, owed, fiscal),
            },
        )

    def _procedure(self, regime: int, block: Head) -> Mapping[str, Any]:
        """What the rule book in force asks of a procedure; an acceptance will cite that one or a later one."""
        version = self._reader.call(RULES, "version", (), at=block)
        asked: Mapping[str, Any] = self._reader.call(RULES, "regimeAt", (regime, version), at=block)
        return asked

    def case_of(self, mrn: str) -> CaseId:
        """Declaration with this MRN (18 ASCII characters). Raises `NotFound`, `Unavailable`."""
        found = self._reader.call(DECLARATIONS, "caseOf", (mrn.encode(),), at=self._reader.final_head())
        if not found:
            raise NotFound("declaration with MRN", mrn)
        return CaseId(found)

    def permit(self, permit: bytes, *, at: int | None = None) -> State:
        """Head, standing and balances of a permit. Raises as `declaration`."""
        block = self._block(at)
        head = self._found(PERMITS, "permitHead", (permit,), block, "permit", f"0x{permit.hex()}")
        if not head["version"]:
            raise NotFound("permit", f"0x{permit.hex()}")
        instant = block.time if at is None else at
        standing, root, live, *lines = self._told(
            [
                (PERMITS, "stateAt", (permit, instant)),
                (PERMITS, "rootOf", (permit,)),
                (PERMITS, "liveOf", (permit,)),
                *((PERMITS, "lineOf", (permit, line)) for line in range(head["lines"])),
            ],
            block,
        )
        fields = ("terms", "available", "reserved", "written_off")
        return State(
            block,
            {
                "permit": permit,
                **in_words(head, {"state": "PermitState"}),
                "standing": named("PermitState", standing),
                "root": root,
                "live": live,
                "lines": [{"line": n, **_amounts(zip(fields, line, strict=True))} for n, line in enumerate(lines)],
            },
        )

    def document(self, issuer: ParticipantId, record: RecordId, *, at: int | None = None) -> State:
        """What the registry says of a record at an instant: the last change of its status, or that it knows none.

        A record lies in a batch of which the chain has the root alone. So the contract answers ACTIVE of anything that
        was not changed, issued or not, and here it is UNKNOWN; nothing that is told is an approval.
        """
        block = self._block(at)
        instant = block.time if at is None else at
        standing, since = self._told([(DOCUMENTS, "statusAt", (issuer, record, instant))], block)[0]
        word = DocumentState(standing).name
        if word == DocumentState.ACTIVE.name:
            word = REINSTATED if since else UNKNOWN
        told = {"issuer": issuer, "record_id": record, "state": word, "since": since or None}
        return State(block, {**told, "text": STANDINGS[word]})

    def _block(self, at: int | None) -> Head:
        if at is None:
            return self._reader.final_head()
        found = self._index.block_at(at)
        if found is None:
            raise NotFound("block at or before", str(at))
        return found

    def _found(self, contract: str, function: str, args: tuple[Any, ...], block: Head, what: str, key: str) -> Any:
        try:
            return self._reader.call(contract, function, args, at=block)
        except (ActRefused, NotFound) as refusal:  # the contract knows none under that id, or was not there by then
            raise NotFound(what, key) from refusal

    def _told(self, calls: Sequence[tuple[str, str, tuple[Any, ...]]], block: Head) -> list[Any]:
        answers = self._reader.call_many(calls, at=block)
        for answer in answers:
            if isinstance(answer, ActRefused):
                raise answer
        return answers


def _checks(checks: Any) -> Any:
    return [in_words(check) for check in checks or ()]


def _debt(debt: Any, charges: Any, owed: Any, fiscal: Any) -> dict[str, Any] | None:
    if debt is None or not debt["version"]:
        return None
    return {
        **in_words(debt),
        "state": None if fiscal is None else named("FiscalState", fiscal),
        "owed": None if owed is None else str(owed),
        "charges": {_ascii(charge["code"]): str(charge["amount"]) for charge in charges or ()},
    }


def _amounts(fields: Any) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, int) else value for name, value in fields}


def _ascii(code: bytes) -> str:
    return code.rstrip(b"\0").decode("ascii", "replace")
