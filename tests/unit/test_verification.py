"""Verification, rule by rule, in the order that every implementation keeps (design, "Verifying").

given a certificate anchored by an accredited issuer
  1 when the proof cannot be read              → integrity INVALID, with code and path; other version: UNDETERMINED
  2 when file, record or path differ           → integrity INVALID, naming the claim
    when no file or a closed claim is given    → content NOT_APPLICABLE
  3 when it is of another ledger               → the rest UNDETERMINED
    when its contract was never listed         → anchor INVALID
  4 when no node answers, or it is behind      → the rest UNDETERMINED, integrity keeps its answer
  5 when the slot is empty or different        → anchor INVALID
    when only its place differs                → anchor VALID with a warning, without what was not read
  6 when issuer, type, key or right differ     → issuer INVALID
  7 when it was not in force at `at`           → status INVALID; before its anchor or in the future: UNDETERMINED
  8 otherwise                                  → VALID, with issuer, time and status
given a PDF that carries its proof
  when it is handed in alone                   → as the document inside, VALID
  when more was added to it, or it is another  → INVALID
given a bare file
  when this facade can read no record of it    → UNDETERMINED, not_known_here
  when records of it do not stand alike        → UNDETERMINED, several_records, naming each
"""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.domain.anchor import anchor_word
from ledger.domain.errors import Malformed, Unavailable
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32, DocumentType, LedgerId, ParticipantId, TxHash
from ledger.domain.judging import DocumentState
from ledger.domain.limits import MAX_RECORDS_OF_A_FILE
from ledger.domain.pdf import embed
from ledger.domain.plain import rfc3339
from ledger.domain.proof import Proof, dump_proof
from ledger.domain.qr import proof_link
from ledger.domain.record import record_id
from ledger.domain.verdict import Question, Reason, Verdict, Verification
from ledger.ports.clock import Clock
from ledger.ports.index_store import KnownRecord, Position, RecordStore
from ledger.services import asking
from ledger.services.verification import Submitted, Verifier
from tests.support.documents import (
    CERTIFICATE,
    ISSUER,
    KEY,
    LEDGER,
    PHYTO,
    World,
    anchor,
    change,
    with_anchor,
    with_head,
    world,
)
from tests.support.fake_chain import contract_address
from tests.support.pdfs import BILL_OF_LADING, INVOICE

VALID, INVALID, UNDETERMINED = Verdict.VALID, Verdict.INVALID, Verdict.UNDETERMINED
REST = (Question.ANCHOR, Question.ISSUER, Question.STATUS, Question.TIME)


class FixedClock(Clock):
    def __init__(self, time: int) -> None:
        self.time = time

    def now(self) -> int:
        return self.time


class Records(RecordStore):
    def __init__(self, *known: KnownRecord) -> None:
        self.known = list(known)

    def remember(self, found: Any, *, searched_to: Position | None = None) -> None:
        self.known += found

    def forget(self, record_id: Any) -> None:
        self.known = [each for each in self.known if each.record_id != record_id]

    def searched_to(self) -> Position | None:
        return None

    def owe(self, anchored: Position, *, again_at: int) -> None:
        raise NotImplementedError

    def owed(self, *, at: int) -> Position | None:
        raise NotImplementedError

    def settle(self, anchored: Position) -> None:
        raise NotImplementedError

    def by_content(self, content: Digest32) -> list[KnownRecord]:
        return [each for each in self.known if each.content == content]

    def by_number(self, number: str) -> list[KnownRecord]:
        return [each for each in self.known if each.number == number]

    def by_id(self, record_id: Any) -> KnownRecord | None:
        return next((each for each in self.known if each.record_id == record_id), None)


@pytest.fixture
def made() -> World:
    return world()


def verify(
    made: World,
    proof: Proof | bytes | None,
    content: bytes | None = CERTIFICATE,
    *,
    at: int | None = None,
    now: int | None = None,
    records: RecordStore | None = None,
) -> Verification:
    clock = FixedClock(made.chain.blocks_[-1].time + 60 if now is None else now)
    verifier = Verifier(LEDGER, made.chain, clock, records, {ISSUER: "Plant quarantine"})
    data = dump_proof(proof) if isinstance(proof, Proof) else proof
    return verifier.verify(Submitted(content, data, at))


def told(found: Verification, question: Question) -> tuple[Verdict, Reason]:
    return found[question].verdict, found[question].reason


# ----- 8, and the whole


def test_as_issued_it_is_valid_and_says_by_whom_and_when(made: World) -> None:
    (proof,) = anchor(made)
    found = verify(made, proof)
    assert found.overall is VALID
    assert [f.name for f in found.fragments] == list(Question)
    assert told(found, Question.INTEGRITY) == (VALID, Reason.INTACT)
    assert told(found, Question.CONTENT) == (VALID, Reason.CONTENT_MATCHES)
    assert told(found, Question.ANCHOR) == (VALID, Reason.ANCHORED)
    assert told(found, Question.ISSUER) == (VALID, Reason.ENTITLED)
    assert found[Question.ISSUER].evidence["participant"] == {"id": 17, "name": "Plant quarantine"}
    assert told(found, Question.STATUS) == (VALID, Reason.IN_FORCE)
    assert told(found, Question.TIME) == (VALID, Reason.BLOCK_TIME)
    assert found[Question.TIME].evidence["time"] == rfc3339(proof.anchor.time)
    assert told(found, Question.USE) == (Verdict.NOT_APPLICABLE, Reason.NO_RIGHT)
    assert found.block is not None
    assert found.block.number == made.chain.head().number


def test_each_document_of_a_batch_is_proved_by_its_own_path(made: World) -> None:
    contents = [b"certificate %d" % n for n in range(7)]
    proofs = anchor(made, contents)
    for proof, content in zip(proofs, contents, strict=True):
        assert verify(made, proof, content).overall is VALID
    assert verify(made, proofs[0], contents[1]).overall is INVALID


def test_many_documents_are_read_at_one_block_in_few_round_trips(made: World) -> None:
    contents = [b"certificate %d" % n for n in range(50)]
    proofs = anchor(made, contents)
    verifier = Verifier(LEDGER, made.chain, FixedClock(made.chain.head().time))
    made.chain.calls.clear()
    found = verifier.verify_many([Submitted(c, dump_proof(p)) for c, p in zip(contents, proofs, strict=True)])
    assert {f.overall for f in found} == {VALID}
    assert len({f.block for f in found}) == 1
    assert made.chain.calls.count("call_many") == 1
    assert len(made.chain.calls) <= 6


def test_a_block_is_asked_once_about_what_its_documents_share(made: World) -> None:
    one, other = anchor(made, [b"one", b"other"])
    verifier = Verifier(LEDGER, made.chain, FixedClock(made.chain.head().time))
    verifier.verify(Submitted(b"one", dump_proof(one)))
    made.chain.calls.clear()
    assert verifier.verify(Submitted(b"other", dump_proof(other))).overall is VALID
    assert made.chain.calls == ["final_head", "call_many"], "the newest block, and this document's standing"


def test_a_new_block_is_asked_anew(made: World) -> None:
    (proof,) = anchor(made)
    verifier = Verifier(LEDGER, made.chain, FixedClock(0))
    asked = Submitted(CERTIFICATE, dump_proof(proof))
    assert verifier.verify(asked).overall is VALID
    made.key = {**made.key, "participant": 0}
    assert verifier.verify(asked).overall is VALID, "the same block cannot say anything else"
    made.chain.mine()
    assert told(verifier.verify(asked), Question.ISSUER) == (INVALID, Reason.NOT_ENTITLED)


def test_an_anchor_above_the_block_asked_last_is_looked_for_at_the_newest(made: World) -> None:
    (proof,) = anchor(made, [b"one"])
    verifier = Verifier(LEDGER, made.chain, FixedClock(0))
    assert verifier.verify(Submitted(b"one", dump_proof(proof))).overall is VALID
    (newer,) = anchor(made, [b"two"], seq=2)
    assert verifier.verify(Submitted(b"two", dump_proof(newer))).overall is VALID


def test_another_block_at_the_same_height_is_asked_anew(made: World) -> None:
    (proof,) = anchor(made)
    made.chain.mine()
    verifier = Verifier(LEDGER, made.chain, FixedClock(0))
    asked = Submitted(CERTIFICATE, dump_proof(proof))
    assert verifier.verify(asked).overall is VALID
    made.words.clear()
    made.chain.fork_at(made.chain.head().number - 1)
    made.chain.mine(fork="other")
    assert told(verifier.verify(asked), Question.ANCHOR) == (INVALID, Reason.NOT_ANCHORED)


def test_a_node_that_leaves_standings_out_has_not_answered(made: World) -> None:
    (proof,) = anchor(made)
    made.chain.answer("DocumentRegistry", "statusesAt", lambda *_: [])
    assert told(verify(made, proof), Question.STATUS) == (UNDETERMINED, Reason.CHAIN_UNAVAILABLE)


def test_standings_of_more_records_than_fit_one_question(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "STANDINGS_AT_ONCE", 3)
    contents = [b"certificate %d" % n for n in range(8)]
    proofs = anchor(made, contents)
    change(made, proofs[6], DocumentState.REVOKED)
    verifier = Verifier(LEDGER, made.chain, FixedClock(made.chain.head().time))
    found = verifier.verify_many([Submitted(c, dump_proof(p)) for c, p in zip(contents, proofs, strict=True)])
    assert [told(f, Question.STATUS)[1] for f in found] == [
        Reason.REVOKED if place == 6 else Reason.IN_FORCE for place in range(8)
    ]


def test_answers_do_not_depend_on_company(made: World) -> None:
    good, bad = anchor(made, [b"one", b"two"])
    verifier = Verifier(LEDGER, made.chain, FixedClock(made.chain.head().time))
    alone = [verifier.verify(Submitted(c, dump_proof(p))) for c, p in ((b"one", good), (b"changed", bad))]
    together = verifier.verify_many(
        [Submitted(b"one", dump_proof(good)), Submitted(b"changed", dump_proof(bad)), Submitted(None, b"{}")]
    )
    assert together[:2] == alone
    assert together[2].overall is INVALID


# ----- a PDF that carries its proof


def test_a_pdf_that_carries_its_proof_is_judged_by_the_document_inside(made: World) -> None:
    original = BILL_OF_LADING.read_bytes()
    (proof,) = anchor(made, [original], media_type="application/pdf")
    data = dump_proof(proof)
    carrier = embed(original, data, link=proof_link("https://facade.example/verify", data))
    found = verify(made, None, carrier)
    assert found.overall is VALID
    assert told(found, Question.CONTENT) == (VALID, Reason.CONTENT_MATCHES)
    evidence = found[Question.INTEGRITY].evidence
    assert (evidence["original_bytes"], evidence["page_added"]) == (len(original), True)
    assert evidence["page_leads_to"] == "https://facade.example/verify"
    assert verify(made, proof, carrier).overall is VALID
    assert verify(made, proof, original).overall is VALID


@pytest.mark.parametrize("link", ["https://evil.example/login", proof_link("https://evil.example/", b"another")])
def test_a_pdf_whose_page_leads_to_another_proof_is_invalid(
    made: World, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    original = BILL_OF_LADING.read_bytes()
    (proof,) = anchor(made, [original], media_type="application/pdf")
    data = dump_proof(proof)
    with pytest.raises(Malformed, match="link"):
        embed(original, data, link=link)
    with monkeypatch.context() as forger:
        forger.setattr("ledger.domain.pdf.proof_of_link", lambda _: data)
        carrier = embed(original, data, link=link)
    found = verify(made, None, carrier)
    assert told(found, Question.INTEGRITY) == (INVALID, Reason.PDF_ALTERED)
    assert found[Question.INTEGRITY].evidence["faults"][0]["code"] == "link"


def test_a_pdf_altered_behind_its_proof_is_invalid(made: World) -> None:
    original = BILL_OF_LADING.read_bytes()
    (proof,) = anchor(made, [original], media_type="application/pdf")
    altered = embed(original, dump_proof(proof)) + b"%"
    found = verify(made, None, altered)
    assert told(found, Question.INTEGRITY) == (INVALID, Reason.PDF_ALTERED)
    assert found[Question.INTEGRITY].evidence["faults"][0]["code"] == "pdf_altered"
    assert found.overall is INVALID
    assert told(verify(made, proof, altered), Question.CONTENT) == (INVALID, Reason.CONTENT_DIFFERS)


def test_a_pdf_that_carries_the_proof_of_another_is_invalid(made: World) -> None:
    (proof,) = anchor(made, [INVOICE.read_bytes()], media_type="application/pdf")
    found = verify(made, None, embed(BILL_OF_LADING.read_bytes(), dump_proof(proof)))
    assert told(found, Question.CONTENT) == (INVALID, Reason.CONTENT_DIFFERS)
    assert found.overall is INVALID


def test_a_pdf_that_carries_a_proof_of_another_version_is_undetermined(made: World) -> None:
    found = verify(made, None, embed(INVOICE.read_bytes(), b'{"tamga":"proof/2"}'))
    assert found.overall is UNDETERMINED
    assert told(found, Question.INTEGRITY) == (UNDETERMINED, Reason.UNKNOWN_VERSION)


# ----- 1 parse


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        (b"", "syntax", ""),
        (b"{}", "kind", "/tamga"),
        (b'{"tamga":"proof/1"}', "missing", "/anchor"),
        (b"\xff", "utf8", ""),
        (b'{"tamga":"proof/1","tamga":"proof/1"}', "duplicate_key", "/tamga"),
        (b"[" * 10_000, "depth", ""),
    ],
)
def test_an_unreadable_proof_is_invalid_with_code_and_path(made: World, data: bytes, code: str, path: str) -> None:
    found = verify(made, data)
    assert found.overall is INVALID
    assert told(found, Question.INTEGRITY) == (INVALID, Reason.MALFORMED)
    fault = found[Question.INTEGRITY].evidence["faults"][0]
    assert fault["code"] == code
    assert fault["path"].startswith(path)
    assert {found[q].verdict for q in REST} == {UNDETERMINED}


def test_a_proof_of_another_version_is_undetermined(made: World) -> None:
    (proof,) = anchor(made)
    data = dump_proof(proof).replace(b"proof/1", b"proof/2")
    found = verify(made, data)
    assert found.overall is UNDETERMINED
    assert told(found, Question.INTEGRITY) == (UNDETERMINED, Reason.UNKNOWN_VERSION)


def test_a_huge_proof_is_refused_unread(made: World) -> None:
    found = verify(made, b" " * (5 * 1024 * 1024))
    assert told(found, Question.INTEGRITY) == (INVALID, Reason.TOO_LARGE)


def test_nothing_given_is_a_fault_of_the_request(made: World) -> None:
    with pytest.raises(Malformed):
        verify(made, None, None)


# ----- 2 content, openings, record, path


def test_one_changed_byte_is_invalid_and_names_the_claim(made: World) -> None:
    (proof,) = anchor(made)
    found = verify(made, proof, CERTIFICATE.replace(b"1200", b"1300"))
    assert found.overall is INVALID
    assert told(found, Question.INTEGRITY) == (INVALID, Reason.CONTENT_DIFFERS)
    assert found[Question.INTEGRITY].evidence["claim"] == "content"
    assert told(found, Question.ANCHOR) == (VALID, Reason.ANCHORED)  # the record is still what was anchored


def test_without_a_file_the_record_alone_is_judged(made: World) -> None:
    (proof,) = anchor(made)
    found = verify(made, proof, None)
    assert found.overall is VALID
    assert told(found, Question.CONTENT) == (Verdict.NOT_APPLICABLE, Reason.CONTENT_NOT_GIVEN)


def test_a_redacted_proof_vouches_for_no_file(made: World) -> None:
    (proof,) = anchor(made)
    redacted = proof._replace(openings=tuple(o for o in proof.openings if o.name != "content"))
    assert verify(made, redacted, None).overall is VALID
    found = verify(made, redacted, b"any file at all")
    assert told(found, Question.INTEGRITY) == (VALID, Reason.INTACT)
    assert told(found, Question.CONTENT) == (Verdict.NOT_APPLICABLE, Reason.CONTENT_CLAIM_CLOSED)
    assert found.overall is UNDETERMINED


def test_a_path_that_leads_elsewhere_is_invalid(made: World) -> None:
    first, second = anchor(made, [b"one", b"two"])
    found = verify(made, first._replace(path=second.path), b"one")
    assert found.overall is INVALID
    assert told(found, Question.INTEGRITY) == (INVALID, Reason.PATH_DIFFERS)
    assert found[Question.INTEGRITY].evidence["claim"] == "path"
    assert told(found, Question.ISSUER) == (UNDETERMINED, Reason.NOT_REACHED)


def test_json_is_compared_by_value(made: World) -> None:
    (proof,) = anchor(made, [b'{"a":1,"b":2}'], media_type="application/json")
    assert verify(made, proof, b'{ "b": 2, "a": 1 }').overall is VALID
    assert verify(made, proof, b'{"a":1,"b":3}').overall is INVALID
    assert verify(made, proof, b"not json").overall is INVALID


# ----- 3 ledger, chain, contract


def test_another_ledgers_document_is_undetermined(made: World) -> None:
    (proof,) = anchor(made)
    other = Verifier(LedgerId(b"\1" * 32), made.chain, FixedClock(0)).verify(Submitted(CERTIFICATE, dump_proof(proof)))
    assert other.overall is UNDETERMINED
    assert told(other, Question.INTEGRITY) == (VALID, Reason.INTACT)
    assert {told(other, q) for q in REST} == {(UNDETERMINED, Reason.OTHER_LEDGER)}


def test_a_contract_that_was_never_listed_is_invalid(made: World) -> None:
    (proof,) = anchor(made)
    found = verify(made, with_anchor(proof, contract=contract_address("Impostor")))
    assert found.overall is INVALID
    assert told(found, Question.ANCHOR) == (INVALID, Reason.CONTRACT_NOT_LISTED)


def test_a_chain_on_which_the_ledger_never_lived_is_invalid(made: World) -> None:
    (proof,) = anchor(made)
    for changed in ({"genesis": b"\1" * 32}, {"chain_id": 1}):
        assert told(verify(made, with_anchor(proof, **changed)), Question.ANCHOR) == (INVALID, Reason.OTHER_CHAIN)


def test_a_document_of_the_chain_before_is_undetermined_here(made: World) -> None:
    (proof,) = anchor(made)
    made.predecessor = {"chainId": 9, "genesis": b"\1" * 32}
    found = verify(made, with_anchor(proof, chain_id=9, genesis=b"\1" * 32))
    assert found.overall is UNDETERMINED
    assert told(found, Question.ANCHOR) == (UNDETERMINED, Reason.EARLIER_CHAIN)


# ----- 4 one final block


@pytest.mark.parametrize("method", ["final_head", "genesis", "is_listed", "call_many"])
def test_an_outage_at_any_read_leaves_integrity_and_nothing_else(made: World, method: str) -> None:
    (proof,) = anchor(made)
    made.chain.fail(method, Unavailable("gone"))
    found = verify(made, proof)
    assert found.overall is UNDETERMINED
    assert found.block is None
    assert told(found, Question.INTEGRITY) == (VALID, Reason.INTACT)
    assert told(found, Question.CONTENT) == (VALID, Reason.CONTENT_MATCHES)
    assert {told(found, q) for q in REST} == {(UNDETERMINED, Reason.CHAIN_UNAVAILABLE)}


def test_an_outage_never_hides_a_changed_file(made: World) -> None:
    (proof,) = anchor(made)
    made.chain.switch_off()
    assert verify(made, proof, b"changed", now=0).overall is INVALID


def test_a_node_behind_the_anchor_is_undetermined(made: World) -> None:
    (proof,) = anchor(made)
    made.chain.final_depth = 1
    found = verify(made, proof)
    assert found.overall is UNDETERMINED
    assert {told(found, q) for q in REST} == {(UNDETERMINED, Reason.CHAIN_BEHIND)}


# ----- 5 anchor


def test_an_empty_slot_is_invalid(made: World) -> None:
    (proof,) = anchor(made)
    found = verify(made, with_head(proof, seq=2))
    assert found.overall is INVALID
    assert told(found, Question.ANCHOR) == (INVALID, Reason.NOT_ANCHORED)


@pytest.mark.parametrize(
    "changed", [{"root": b"\1" * 32}, {"manifest": b"\1" * 32}, {"time": 1_700_000_001}], ids=lambda c: next(iter(c))
)
def test_another_word_in_the_slot_is_invalid(made: World, changed: dict[str, Any]) -> None:
    (proof,) = anchor(made)
    assert told(verify(made, with_anchor(proof, **changed)), Question.ANCHOR) == (INVALID, Reason.ANCHOR_DIFFERS)


def test_a_made_up_proof_is_invalid(made: World) -> None:
    anchor(made)
    (forged,) = anchor(world(), [b"forged"])
    there = forged.anchor._replace(genesis=made.chain.blocks_[0].hash)
    found = verify(made, forged._replace(anchor=there), b"forged")
    assert told(found, Question.INTEGRITY) == (VALID, Reason.INTACT)
    assert found[Question.ANCHOR].verdict is INVALID
    assert found.overall is INVALID


@pytest.mark.parametrize("forged", ["block_number", "block_hash", "tx_hash", "log_index", "all"])
def test_a_forged_place_is_told_and_never_shown(made: World, forged: str) -> None:
    empty = made.chain.mine()
    (proof,) = anchor(made)
    other = {"block_number": empty.number, "block_hash": empty.hash, "tx_hash": TxHash(b"\xdd" * 32), "log_index": 7}
    found = verify(made, with_anchor(proof, **(other if forged == "all" else {forged: other[forged]})))
    assert found.overall is VALID, "the chain's word proves the anchor, whatever its place"
    assert told(found, Question.ANCHOR) == (VALID, Reason.ANCHORED_OTHER_BLOCK)
    evidence, true = found[Question.ANCHOR].evidence, proof.anchor
    is_found = forged not in ("block_number", "all")
    place = {"block_number": true.block_number, "block_hash": true.block_hash, "tx_hash": true.tx_hash}
    assert {name: evidence.get(name) for name in place} == (place if is_found else dict.fromkeys(place))
    assert found[Question.TIME].evidence.get("block_number") == (true.block_number if is_found else None)


def test_the_anchor_of_another_batch_in_the_block_is_not_this_ones_place(made: World) -> None:
    (proof,), (later,) = anchor(made), anchor(made, [b"later"], seq=2)
    found = verify(made, with_anchor(proof, **later.anchor.place._asdict()))
    assert told(found, Question.ANCHOR) == (VALID, Reason.ANCHORED_OTHER_BLOCK)
    assert "tx_hash" not in found[Question.ANCHOR].evidence


def test_a_true_place_is_shown_as_read(made: World) -> None:
    (proof,) = anchor(made)
    found = verify(made, proof)
    assert told(found, Question.ANCHOR) == (VALID, Reason.ANCHORED)
    assert found[Question.ANCHOR].evidence["tx_hash"] == proof.anchor.tx_hash
    assert found[Question.TIME].evidence["block_number"] == proof.anchor.block_number


def test_a_node_without_old_events_leaves_the_place_out(made: World) -> None:
    (proof,) = anchor(made)
    made.chain.fail("events_in", Unavailable("the node keeps no logs of this block"))
    found = verify(made, proof)
    assert (found.overall, told(found, Question.ANCHOR)) == (VALID, (VALID, Reason.ANCHORED))
    assert not {"block_number", "block_hash", "tx_hash"} & found[Question.ANCHOR].evidence.keys()
    assert set(found[Question.TIME].evidence) == {"time"}


# ----- 6 issuer


def set_key(**changed: int) -> Callable[[World, Proof], None]:
    return lambda made, _: made.key.update(changed)


def set_authority(**changed: int) -> Callable[[World, Proof], None]:
    return lambda made, _: made.authority.update(changed)


def compromised_at_anchoring(made: World, proof: Proof) -> None:
    made.key.update(flags=1, blockedFrom=proof.anchor.time)


def not_accredited(made: World, _: Proof) -> None:
    made.accredited = False


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        (set_key(participant=18), Reason.NOT_ENTITLED),
        (set_key(participant=0), Reason.NOT_ENTITLED),
        (set_authority(participant=0), Reason.NOT_ENTITLED),
        (set_authority(roles=1), Reason.NOT_ENTITLED),
        (compromised_at_anchoring, Reason.KEY_COMPROMISED),
        (not_accredited, Reason.NOT_ACCREDITED),
    ],
    ids=["other's key", "nobody's key", "blocked", "wrong role", "compromised", "not accredited"],
)
def test_an_issuer_without_right_is_invalid(
    made: World, happened: Callable[[World, Proof], None], reason: Reason
) -> None:
    (proof,) = anchor(made)
    happened(made, proof)
    found = verify(made, proof)
    assert found.overall is INVALID
    assert told(found, Question.ISSUER) == (INVALID, reason)
    assert found[Question.ANCHOR].verdict is VALID


def test_a_compromise_after_the_anchor_does_no_harm(made: World) -> None:
    (proof,) = anchor(made)
    made.key.update(flags=1, blockedFrom=proof.anchor.time + 1)
    assert verify(made, proof).overall is VALID


def test_a_record_that_names_another_issuer_is_invalid(made: World) -> None:
    def rewritten(proof: Proof) -> Proof:
        record = proof.record._replace(issuer=ParticipantId(99))
        root = Digest32(record_id(record))
        return proof._replace(record=record, anchor=proof.anchor._replace(root=root))

    (proof,) = anchor(made)
    foreign = rewritten(proof)

    word = anchor_word(ISSUER, proof.anchor.head, foreign.anchor.root, proof.anchor.manifest, proof.anchor.time)
    made.words[ISSUER, 1] = (word, proof.anchor.block_number)
    found = verify(made, foreign)
    assert told(found, Question.ISSUER) == (INVALID, Reason.ISSUER_DIFFERS)
    assert found[Question.ISSUER].evidence["record_participant"] == {"id": 99}


@pytest.mark.parametrize(
    ("doc_type", "anchored_type", "expected"),
    [
        (PHYTO, 852001, (INVALID, Reason.TYPE_DIFFERS)),
        (PHYTO, 0, (INVALID, Reason.NOT_ACCREDITED)),
        (DocumentType(380000), 0, (VALID, Reason.ENTITLED)),
    ],
    ids=["other type", "certificate as plain paper", "an invoice needs none"],
)
def test_the_record_must_be_of_the_anchored_type(
    made: World, doc_type: DocumentType, anchored_type: int, expected: tuple[Verdict, Reason]
) -> None:
    (proof,) = anchor(made, doc_type=doc_type, anchored_type=anchored_type)
    assert told(verify(made, proof), Question.ISSUER) == expected


# ----- 7 status


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (DocumentState.REVOKED, Reason.REVOKED),
        (DocumentState.SUSPENDED, Reason.SUSPENDED),
        (DocumentState.SUSPENDED_BY_AUTHORITY, Reason.SUSPENDED),
        (DocumentState.SUPERSEDED, Reason.SUPERSEDED),
    ],
)
def test_a_change_counts_from_its_second_on(made: World, state: DocumentState, reason: Reason) -> None:
    (proof,) = anchor(made)
    changed = change(made, proof, state)
    for at, expected in ((None, INVALID), (changed, INVALID), (changed - 1, VALID)):
        found = verify(made, proof, at=at)
        assert found.overall is expected, at
        assert told(found, Question.STATUS) == (expected, Reason.IN_FORCE if expected is VALID else reason)
    assert found.at == changed - 1


def test_a_lifted_suspension_leaves_its_time_behind(made: World) -> None:
    (proof,) = anchor(made)
    suspended = change(made, proof, DocumentState.SUSPENDED)
    lifted = change(made, proof, DocumentState.ACTIVE)
    assert verify(made, proof).overall is VALID
    assert verify(made, proof, at=lifted - 1).overall is INVALID
    assert verify(made, proof, at=suspended - 1).overall is VALID


def test_validity_is_inclusive_at_both_ends(made: World) -> None:
    start = made.chain.head().time
    (proof,) = anchor(made, valid_from=start + 100, valid_until=start + 200)
    for at, expected in (
        (start + 99, (INVALID, Reason.NOT_YET_IN_FORCE)),
        (start + 100, (VALID, Reason.IN_FORCE)),
        (start + 200, (VALID, Reason.IN_FORCE)),
        (start + 201, (INVALID, Reason.EXPIRED)),
    ):
        assert told(verify(made, proof, at=at, now=start + 500), Question.STATUS) == expected, at


def test_before_its_anchor_nobody_can_tell(made: World) -> None:
    (proof,) = anchor(made)
    found = verify(made, proof, at=proof.anchor.time - 1)
    assert found.overall is UNDETERMINED
    assert told(found, Question.STATUS) == (UNDETERMINED, Reason.BEFORE_ANCHOR)


def test_the_future_is_undetermined_unless_it_is_settled(made: World) -> None:
    (proof,) = anchor(made, valid_until=made.chain.head().time + 1000)
    now = made.chain.head().time + 60
    assert told(verify(made, proof, at=now + 1, now=now), Question.STATUS) == (UNDETERMINED, Reason.AT_IN_FUTURE)
    assert told(verify(made, proof, at=now + 10_000, now=now), Question.STATUS) == (INVALID, Reason.EXPIRED)
    change(made, proof, DocumentState.REVOKED)
    assert told(verify(made, proof, at=now + 10_000, now=now), Question.STATUS) == (INVALID, Reason.REVOKED)


def test_an_old_head_does_not_stop_the_clock(made: World) -> None:
    (proof,) = anchor(made, valid_until=made.chain.head().time + 1000)
    found = verify(made, proof, now=made.chain.head().time + 5000)
    assert told(found, Question.STATUS) == (INVALID, Reason.EXPIRED)


# ----- a bare file


def test_a_bare_file_is_judged_when_its_record_is_readable_here(made: World) -> None:
    (proof,) = anchor(made)
    known = KnownRecord(record_id(proof.record), digest(CERTIFICATE), (1, 0), dump_proof(proof))
    assert verify(made, None, records=Records(known)).overall is VALID
    found = verify(made, None, CERTIFICATE + b" ", records=Records(known))
    assert found.overall is UNDETERMINED
    assert {f.reason for f in found.fragments if f.name is not Question.USE} == {Reason.NOT_KNOWN_HERE}
    assert found.block is None


def test_the_newest_record_answers_and_names_the_others(made: World) -> None:
    (first,), (second,) = anchor(made), anchor(made, seq=2)
    known = [KnownRecord(record_id(p.record), digest(CERTIFICATE), (1, 0), dump_proof(p)) for p in (first, second)]
    found = verify(made, None, records=Records(*known))
    assert found[Question.INTEGRITY].evidence["record_id"] == record_id(second.record)
    assert found[Question.INTEGRITY].evidence["other_records_of_this_file"] == [record_id(first.record)]


def known_under(*proofs: Proof) -> Records:
    """A facade that knows the certificate under these records, oldest first."""
    return Records(
        *(
            KnownRecord(record_id(proof.record), digest(CERTIFICATE), (place, 0), dump_proof(proof))
            for place, proof in enumerate(proofs, 1)
        )
    )


def test_another_record_of_the_file_cannot_hide_a_revocation(made: World) -> None:
    (certificate,) = anchor(made)
    change(made, certificate, DocumentState.REVOKED)
    (claimed,) = anchor(made, seq=2, doc_type=DocumentType(271001), anchored_type=0)
    found = verify(made, None, records=known_under(certificate, claimed))
    assert (found.overall, found[Question.INTEGRITY].verdict) == (UNDETERMINED, VALID)
    assert told(found, Question.STATUS) == (UNDETERMINED, Reason.SEVERAL_RECORDS)
    listed = found[Question.ISSUER].evidence["records"]
    assert [(each["record_id"], each["overall"], each["because"]["reason"]) for each in listed] == [
        (record_id(certificate.record), INVALID, Reason.REVOKED),
        (record_id(claimed.record), VALID, Reason.INTACT),
    ]
    assert verify(made, certificate, records=known_under(certificate, claimed)).overall is INVALID


def test_another_record_of_the_file_cannot_make_it_invalid(made: World) -> None:
    (certificate,) = anchor(made)
    (claimed,) = anchor(made, seq=2, doc_type=DocumentType(271001), anchored_type=0)
    assert verify(made, None, records=known_under(certificate, claimed)).overall is VALID, "both stand"
    change(made, claimed, DocumentState.REVOKED)
    assert verify(made, None, records=known_under(certificate, claimed)).overall is UNDETERMINED


def test_a_file_under_more_records_than_are_compared_is_undetermined(made: World) -> None:
    (certificate,) = anchor(made)
    found = verify(made, None, records=known_under(*[certificate] * (MAX_RECORDS_OF_A_FILE + 1)))
    assert told(found, Question.STATUS) == (UNDETERMINED, Reason.SEVERAL_RECORDS)


def test_the_key_named_is_the_one_that_anchored(made: World) -> None:
    (proof,) = anchor(made)
    assert verify(made, proof)[Question.ISSUER].evidence["key"] == "0x" + KEY.hex()


def test_a_json_file_is_not_taken_for_the_file_that_is_its_canonical_text(made: World) -> None:
    """Both are sealed byte by byte; the hash by value of the first is the hash of the second's bytes."""
    loose, canonical_text = b'{ "b": 1, "a": 2 }', b'{"a":2,"b":1}'
    proofs = anchor(made, [loose, canonical_text], media_type="application/octet-stream")
    known = [
        KnownRecord(record_id(proof.record), digest(content), (1, n), dump_proof(proof))
        for n, (proof, content) in enumerate(zip(proofs, (loose, canonical_text), strict=True))
    ]
    for order in (known, known[::-1]):
        for content in (loose, canonical_text):
            assert verify(made, None, content, records=Records(*order)).overall is Verdict.VALID
