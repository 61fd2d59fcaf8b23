"""Judged by effect: how to ask the chain whether an act happened, whatever became of our transaction."""

from dataclasses import dataclass

from ledger.domain.ids import Digest32


@dataclass(frozen=True)
class ActEffect:
    """A relayed act: ActExecuted or ActRefused of its id.

    Attributes:
        act_id: EIP-712 digest.
        since: Height before which it cannot have happened.
    """

    act_id: Digest32
    since: int


@dataclass(frozen=True)
class AnchorEffect:
    """An anchor: the slot (issuer, seq) of the DocumentRegistry holds exactly this.

    Attributes:
        issuer: Participant.
        head: `seq u40 << 56 | docType u24 << 32 | size u32`.
        root: Batch root.
        manifest: SHA-256 of the manifest.
        since: Height before which it cannot have happened.
    """

    issuer: int
    head: int
    root: Digest32
    manifest: Digest32
    since: int


Effect = ActEffect | AnchorEffect
