"""Part 4: an agency asks the facade over HTTP about documents, true, changed, unknown, made up and revoked."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import merkle
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.errors import TamgaError
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.domain.plain import rfc3339
from ledger.domain.proof import Path as InclusionPath
from ledger.domain.proof import Proof, dump_proof
from ledger.domain.record import content_value, record_id
from ledger.domain.recording import build_record
from scripts.demo.papers import Paper, Papers
from scripts.demo.stage import Stage
from scripts.demo.telling import Step

PART: Final = 4
FRAUD: Final = 4
"""`Reasons.FRAUD`: forged, or obtained by false statements."""
FIRST: Final = "as issued, with its proof"
TOLD: Final = ("claim", "participant", "time", "at")
"""Facts of an answer that are shown."""
READING_S: Final = 60.0
POLL_S: Final = 0.2
CHAIN_QUESTIONS: Final = ("anchor", "issuer", "status", "time")


@dataclass(frozen=True)
class Expected:
    """What an answer must say.

    Attributes:
        overall: Verdict over all.
        fragments: Verdict, or verdict and reason code, by question; questions left out may say anything.
    """

    overall: str
    fragments: Mapping[str, str | tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """One question to the facade.

    Attributes:
        name: In the outcome.
        content: The file, if it is given.
        proof: The proof file, if it is given.
        at: Instant that status is asked for [unix s]; None: now.
        expected: What must come back.
        patience_s: How long another answer may come first: customs' facade reads what was sealed to it in its own time.
    """

    name: str
    content: bytes | None
    proof: bytes | None
    at: int | None
    expected: Expected
    patience_s: float = 0.0


class WrongVerdict(TamgaError):
    """The facade said something else than it must: the product is at fault."""

    code = "wrong_verdict"


class Verifying:
    """Plays part 4."""

    def __init__(
        self, stage: Stage, papers: Papers, chain_off: Callable[[], AbstractContextManager[None]] | None
    ) -> None:
        """Keep what is needed.

        Args:
            chain_off: Switches the node off while it is held; None where the node is not ours to switch off.
        """
        self._stage, self._papers, self._chain_off = stage, papers, chain_off

    def play(self) -> None:
        """Ask, compare with what must be answered, tell."""
        certificate = self._papers.paper("certificate")
        revoked_at = self._revoked_at(certificate)
        before = None if revoked_at is None else revoked_at - 1
        for asked in self._true_and_false(certificate, before):
            self._ask(asked)
        revoked_at = self._revoke(certificate)
        proof = dump_proof(certificate.proof)
        self._ask(Asked("revoked, asked for now", certificate.content, proof, None, REVOKED))
        self._ask(Asked("revoked, the second before", certificate.content, proof, revoked_at - 1, VALID))
        if self._chain_off is None:
            self._stage.telling.note("the node is not ours to switch off: that case is left out here")
            return
        with self._chain_off():
            self._ask(Asked("chain switched off", certificate.content, proof, None, CHAIN_AWAY))

    def _true_and_false(self, certificate: Paper, at: int | None) -> Sequence[Asked]:
        content, proof = certificate.content, dump_proof(certificate.proof)
        changed = bytes([content[0] ^ 1]) + content[1:]
        return (
            Asked(FIRST, content, proof, at, VALID),
            Asked("as issued, the file alone", content, None, at, VALID, READING_S),
            Asked("one byte changed, with its proof", changed, proof, at, CHANGED),
            Asked("the changed file alone", changed, None, None, NOT_KNOWN),
            Asked("a document never anchored", b"never anchored: " + os.urandom(16), None, None, NOT_KNOWN),
            Asked("a made-up proof file", content, dump_proof(self._made_up(certificate)), at, NOT_ANCHORED),
        )

    def _made_up(self, certificate: Paper) -> Proof:
        """A proof that agrees with itself and with the file, for an anchor that nobody made."""
        anchor, record = certificate.proof.anchor, certificate.proof.record
        forged, openings = build_record(
            ledger=record.ledger,
            issuer=ParticipantId(record.issuer),
            document_type=DocumentType(record.type),
            issued_at=record.issued_at,
            valid_from=record.valid_from,
            valid_until=record.valid_until,
            claims=[("content", content_value(certificate.content, certificate.media_type))],
        )
        leaf = record_id(forged)
        key = bytes.fromhex(self._stage.keys.signer(certificate.seat).address[2:])
        head = pack_h(key, pack_head(1_000_000, record.type, 1))
        root = Digest32(merkle.root([leaf]))
        return Proof(forged, openings, InclusionPath(0, 1, ()), anchor._replace(head=head, root=root))

    def _revoked_at(self, certificate: Paper) -> int | None:
        if not self._stage.was_played("revoke", certificate.seat):
            return None
        record = certificate.proof.record
        _, since, _ = self._stage.view("DocumentRegistry", "status", record.issuer, record_id(record))
        return int(since)

    def _revoke(self, certificate: Paper) -> int:
        record = certificate.proof.record
        done = self._stage.act(
            PART, "revoke", certificate.seat, "DocumentRegistry", "revoke",
            {
                "issuer": record.issuer,
                "recordId": record_id(record),
                "expectedVersion": 0,
                "reason": FRAUD,
                "evidence": bytes(32),
            },
            "revokes the phytosanitary certificate",
        )  # fmt: skip
        return done.block.time

    def _ask(self, asked: Asked) -> None:
        at = None if asked.at is None else rfc3339(asked.at)
        until = time.monotonic() + asked.patience_s
        while True:
            told = self._stage.facade.verify(file=asked.content, proof=asked.proof, at=at)
            fragments = {fragment["name"]: fragment for fragment in told["fragments"]}
            wrong = _differences(asked.expected, told, fragments)
            if not wrong:
                break
            if time.monotonic() > until:
                raise WrongVerdict(f"{asked.name}: {'; '.join(wrong)}")
            time.sleep(POLL_S)
        shown = ", ".join(f"{name} {fragment['verdict']}" for name, fragment in fragments.items())
        what = f"{asked.name}: {told['overall']} ({shown})"
        self._stage.telling.tell(Step(PART, "an agency", what))
        self._stage.telling.verdicts[asked.name] = told
        self._explain(asked, told)

    def _explain(self, asked: Asked, told: Mapping[str, Any]) -> None:
        """Why, in the facade's words: what is not VALID; all of the first document that is."""
        first = asked.name == FIRST
        said: dict[str, list[str]] = {}
        for fragment in told["fragments"]:
            if fragment["verdict"] == "NOT_APPLICABLE" or (fragment["verdict"] == "VALID" and not first):
                continue
            facts = {**fragment["evidence"], **_named(fragment["evidence"])}
            shown = ", ".join(f"{name} {facts[name]}" for name in TOLD if name in facts)
            said.setdefault(fragment["text"] + (f" [{shown}]" if shown else ""), []).append(fragment["name"])
        for text, names in said.items():
            self._stage.telling.note(f"{', '.join(names)}: {text}")


def _named(evidence: Mapping[str, Any]) -> Mapping[str, str]:
    """The participant of an answer by its name, where the facade knows one."""
    participant = evidence.get("participant") or {}
    return {"participant": participant["name"]} if "name" in participant else {}


def _differences(
    expected: Expected, told: Mapping[str, Any], fragments: Mapping[str, Mapping[str, Any]]
) -> Sequence[str]:
    """Where an answer says something else than it must."""
    wrong = [] if told["overall"] == expected.overall else [f"overall is {told['overall']}"]
    for name, wanted in expected.fragments.items():
        found = fragments[name]
        actual = (found["verdict"], found["reason"]) if isinstance(wanted, tuple) else found["verdict"]
        if actual != wanted:
            wrong.append(f"{name} is {actual}, not {wanted}")
    return wrong


VALID: Final = Expected("VALID", dict.fromkeys(("integrity", "content", "anchor", "issuer", "status", "time"), "VALID"))
CHANGED: Final = Expected(
    "INVALID", {"integrity": ("INVALID", "content_differs"), "content": "INVALID", "anchor": "VALID"}
)
NOT_KNOWN: Final = Expected("UNDETERMINED", {"integrity": ("UNDETERMINED", "not_known_here")})
NOT_ANCHORED: Final = Expected("INVALID", {"integrity": "VALID", "anchor": ("INVALID", "not_anchored")})
REVOKED: Final = Expected("INVALID", {"integrity": "VALID", "issuer": "VALID", "status": ("INVALID", "revoked")})
CHAIN_AWAY: Final = Expected(
    "UNDETERMINED",
    {"integrity": "VALID", **dict.fromkeys(CHAIN_QUESTIONS, ("UNDETERMINED", "chain_unavailable"))},
)
