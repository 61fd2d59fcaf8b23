"""Which version of a declaration is in force, and whether a message was written against that one.

The ledger keeps the record id of each version's header. The header names the whole of what it declares (claim
`field:/declaration`, hex of `wco_versions.declared_digest`), so that a message that somebody gives is the version in
force if its digest is the one there: the record id holds the claim, the ledger holds the record id. The header is one
that this participant reads, or in a proof file that the declarant gives with its message.
"""

from collections.abc import Collection, Mapping
from typing import Any

from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import CaseId, Digest32, ParticipantId, RecordId
from ledger.domain.limits import MAX_EARLIER_VERSIONS
from ledger.domain.record import record_id
from ledger.domain.trade.said import DECLARED
from ledger.domain.trade.wco_request import declared_in
from ledger.ports.chain import ChainReader, Head
from ledger.services.headers import Header, Headers, header_in

LODGED, PROOF = "/lodged", "/proof"
"""Where faults are: these stand beside the message, not in it."""


class InForce:
    """Knows versions by the ledger and by the headers that this participant reads."""

    def __init__(self, reader: ChainReader, headers: Headers) -> None:
        self._reader, self._headers = reader, headers

    def faults(
        self, case: CaseId, state: Mapping[str, Any], lodged: bytes, proof: bytes | None, *, at: Head
    ) -> list[Fault]:
        """What keeps `lodged` from being amended: that it is not the version that is in force at `at`.

        Args:
            case: The declaration.
            state: Its state at `at`, as the contract tells it.
            lodged: A message that is said to be that version.
            proof: Proof file of that version's header; None: it is looked for.

        Raises:
            LimitExceeded: `lodged` or the proof is too large.
            Unavailable: No node, no database, or no content store.
        """
        version, parties = int(state["version"]), (state["declarant"], state["importer"])
        record = self._record(case, version, at)
        try:
            stands = _declared(self._headers(record, parties) if proof is None else header_in(proof), record)
        except Malformed as error:
            return [Fault(fault.code, PROOF + fault.path, fault.text) for fault in error.faults]
        if stands is None:
            text = (
                f"version {version} (record 0x{record.hex()}) is in force, and this facade cannot tell what it "
                "declares: give the proof file of its header, with its `declaration` field open"
            )
            return [Fault("version_not_readable", PROOF, text)]
        try:
            given = declared_in(lodged)
        except Malformed as error:
            return [Fault(fault.code, f"{LODGED}/{fault.path}".rstrip("/"), fault.text) for fault in error.faults]
        if given == stands:
            return []
        earlier = self._found(case, version, given, parties, at)
        if earlier is not None:
            text = f"this is version {earlier}; version {version} (record 0x{record.hex()}) is in force"
            return [Fault("earlier_version", LODGED, f"{text}: write the amendment against that one")]
        text = f"this is no version of the declaration; version {version} (record 0x{record.hex()}) is in force"
        return [Fault("not_in_force", LODGED, text)]

    def _found(
        self, case: CaseId, before: int, given: Digest32, parties: Collection[ParticipantId], at: Head
    ) -> int | None:
        """The newest version before `before` that declares this; None if none that can be read does."""
        for version in range(before - 1, max(0, before - 1 - MAX_EARLIER_VERSIONS), -1):
            record = self._record(case, version, at)
            if _declared(self._headers(record, parties), record) == given:
                return version
        return None

    def _record(self, case: CaseId, version: int, at: Head) -> RecordId:
        return RecordId(self._reader.call("DeclarationRegistry", "versionOf", (case, version), at=at)["dataRecord"])


def _declared(header: Header | None, record: RecordId) -> Digest32 | None:
    """What the header with this record id declares; None if that is not to be read there.

    Raises `Malformed` if it is another's.
    """
    if header is None:
        return None
    if record_id(header.record) != record:
        text = f"it proves record 0x{record_id(header.record).hex()}, in force is record 0x{record.hex()}"
        raise Malformed(Fault("another_record", "", text))
    value = next((opening.value for opening in header.openings if opening.name == DECLARED), None)
    try:
        return Digest32(bytes.fromhex(value)) if isinstance(value, str) else None
    except ValueError:  # others write such records too
        return None
