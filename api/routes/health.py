"""Whether the facade lives, and whether it can do its work."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final, NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from api.access import Anyone
from api.deps import FacadeDep
from api.metrics import MEDIA_TYPE
from api.schemas.health import ReadyOut
from api.strict import StrictRoute
from ledger.bootstrap.facade import Facade
from ledger.domain.chainview import NOTHING
from ledger.domain.cid import block_cid
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid
from ledger.services.sender import Backlog

router = APIRouter(tags=["health"], dependencies=[Anyone], route_class=StrictRoute)

MAX_BEHIND = 50
"""Blocks that the index may be behind while the facade still counts as ready."""
PROBE: Final[Cid] = block_cid(b"whether a content store answers")


@router.get("/health/live", summary="Is the process alive?")
async def live() -> dict[str, bool]:
    """Answers while the process serves requests, whatever it depends on."""
    return {"live": True}


@router.get("/health/ready", summary="Can it do its work?")
async def ready(facade: FacadeDep, request: Request, response: Response) -> ReadyOut:
    """What is behind and what is down; 503 while the node or the database is away, or the index far behind.

    Without its content store a facade seals and opens nothing; it verifies and carries acts all the same.
    """
    background, probes = request.app.state.background, request.app.state.probes
    head, place, contents, acts, kept = await asyncio.gather(
        probes.ask("the node", facade.reader.head),
        probes.ask("the database", partial(_indexed, facade)),
        probes.ask("the content store", partial(facade.contents.has, PROBE)),
        probes.ask("the outbox", partial(_backlog, facade)),
        probes.ask("the duties", facade.duty_troubles.told),
    )
    troubles = background.troubles_of_all({} if isinstance(kept, Unavailable) else kept)
    troubles |= _away({"node": head, "database": place, "content store": contents})
    backlog = None if isinstance(acts, Unavailable) else acts
    if backlog is not None and backlog.stuck:  # whichever process carries them
        troubles["acts"] = f"{backlog.stuck} wait for the operator, and others behind them: tamga outbox list"
    indexed = None if isinstance(place, Unavailable) else place.cursor
    height = None if isinstance(head, Unavailable) else head.number
    behind = None if height is None or indexed is None else max(0, height - indexed)
    good = behind is not None and behind <= MAX_BEHIND
    if not good:
        response.status_code = 503
    return ReadyOut(
        ready=good,
        indexed=indexed,
        head=height,
        behind=behind,
        carries_acts=facade.sender is not None,
        acts_open=None if backlog is None else backlog.open,
        at_work=sorted(background.at_work),
        troubles=troubles,
    )


class _Place(NamedTuple):
    """Heights of the last indexed block and of the last final one among them; -1: none."""

    cursor: int
    final: int


def _indexed(facade: Facade) -> _Place:
    cursor = facade.index.cursor()
    return _Place(NOTHING if cursor is None else cursor.number, facade.index.finalized())


def _backlog(facade: Facade) -> Backlog | None:
    return None if facade.sender is None else facade.sender.backlog()


def _away(answers: Mapping[str, object]) -> dict[str, str]:
    """What everybody may be told of the parts that did not answer."""
    return {part: answer.told for part, answer in answers.items() if isinstance(answer, Unavailable)}


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
async def metrics(facade: FacadeDep, request: Request) -> PlainTextResponse:
    """Requests and durations of this process, heights, acts on their way, and whether node and database answer."""
    probes, gauges = request.app.state.probes, {"tamga_troubles": len(request.app.state.background.troubles)}
    place, head, acts = await asyncio.gather(
        probes.ask("the database", partial(_indexed, facade)),
        probes.ask("the node", facade.reader.head),
        probes.ask("the outbox", partial(_backlog, facade)),
    )
    away = _away({"database": place, "node": head})
    gauges |= {f"tamga_{part}_up": int(part not in away) for part in ("database", "node")}
    if not isinstance(place, Unavailable):
        gauges |= {"tamga_index_block": place.cursor, "tamga_index_final_block": place.final}
    if not isinstance(head, Unavailable):
        gauges["tamga_node_block"] = head.number
    if isinstance(acts, Backlog):
        gauges |= {"tamga_acts_open": acts.open, "tamga_acts_stuck": acts.stuck}
    if facade.reading is not None:
        gauges["tamga_records_faults"] = facade.reading.faults
    return PlainTextResponse(request.app.state.figures.text(gauges), media_type=MEDIA_TYPE)
