"""Whether the facade lives, and whether it can do its work."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from api.access import Anyone
from api.deps import FacadeDep
from api.metrics import MEDIA_TYPE
from api.schemas.health import ReadyOut
from ledger.domain.cid import block_cid
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid

router = APIRouter(tags=["health"], dependencies=[Anyone])

MAX_BEHIND = 50
"""Blocks that the index may be behind while the facade still counts as ready."""
PROBE_S: Final = 2.0
"""How long the content store may take to say that it is there: who watches a process does not wait longer."""
PROBE: Final[Cid] = block_cid(b"whether a content store answers")


@router.get("/health/live", summary="Is the process alive?")
def live() -> dict[str, bool]:
    """Answers while the process serves requests, whatever it depends on."""
    return {"live": True}


async def content_store(facade: FacadeDep) -> str | None:
    """What is wrong with the content store, if anything: it is asked for a block that nobody stores."""
    try:
        async with asyncio.timeout(PROBE_S):
            await asyncio.to_thread(facade.contents.has, PROBE)
    except Unavailable as error:
        return str(error)
    except TimeoutError:
        return f"the content store did not answer within {PROBE_S:g} s"
    return None


@router.get("/health/ready", summary="Can it do its work?")
def ready(
    facade: FacadeDep, request: Request, response: Response, contents: Annotated[str | None, Depends(content_store)]
) -> ReadyOut:
    """What is behind and what is down; 503 while the node or the database is away, or the index far behind.

    Without its content store a facade seals and opens nothing; it verifies and carries acts all the same.
    """
    background, indexed = request.app.state.background, None
    troubles = dict(background.troubles)
    if contents is not None:
        troubles["content store"] = contents
    try:
        cursor = facade.index.cursor()
        indexed = -1 if cursor is None else cursor.number
    except Unavailable as error:
        troubles["database"] = str(error)
    try:
        head = facade.reader.head().number
    except Unavailable as error:
        head, troubles["node"] = None, str(error)
    behind = None if head is None or indexed is None else max(0, head - indexed)
    good = behind is not None and behind <= MAX_BEHIND
    if not good:
        response.status_code = 503
    return ReadyOut(
        ready=good,
        indexed=indexed,
        head=head,
        behind=behind,
        carries_acts=facade.sender is not None,
        at_work=sorted(background.at_work),
        troubles=troubles,
    )


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
def metrics(facade: FacadeDep, request: Request) -> PlainTextResponse:
    """Requests and durations of this process, the index's height, and whether node and database answer."""
    gauges = {"tamga_troubles": len(request.app.state.background.troubles)}
    try:
        cursor = facade.index.cursor()
        gauges |= {
            "tamga_database_up": 1,
            "tamga_index_block": -1 if cursor is None else cursor.number,
            "tamga_index_final_block": facade.index.finalized(),
        }
    except Unavailable:
        gauges["tamga_database_up"] = 0
    if facade.reading is not None:
        gauges["tamga_records_faults"] = facade.reading.faults
    try:
        gauges |= {"tamga_node_up": 1, "tamga_node_block": facade.reader.head().number}
    except Unavailable:
        gauges["tamga_node_up"] = 0
    return PlainTextResponse(request.app.state.figures.text(gauges), media_type=MEDIA_TYPE)
