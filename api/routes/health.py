"""Whether the facade lives, and whether it can do its work."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from api.access import Anyone
from api.deps import FacadeDep
from api.metrics import MEDIA_TYPE
from api.schemas.health import ReadyOut
from ledger.domain.errors import Unavailable

router = APIRouter(tags=["health"], dependencies=[Anyone])

MAX_BEHIND = 50
"""Blocks that the index may be behind while the facade still counts as ready."""


@router.get("/health/live", summary="Is the process alive?")
def live() -> dict[str, bool]:
    """Answers while the process serves requests, whatever it depends on."""
    return {"live": True}


@router.get("/health/ready", summary="Can it do its work?")
def ready(facade: FacadeDep, request: Request, response: Response) -> ReadyOut:
    """What is behind and what is down; 503 while the node or the database is away, or the index far behind."""
    background, indexed = request.app.state.background, None
    troubles = dict(background.troubles)
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
    """Requests and durations of this process, the index's height, and whether the node answers."""
    cursor = facade.index.cursor()
    gauges = {
        "tamga_index_block": -1 if cursor is None else cursor.number,
        "tamga_index_final_block": facade.index.finalized(),
        "tamga_troubles": len(request.app.state.background.troubles),
    }
    if facade.reading is not None:
        gauges["tamga_records_faults"] = facade.reading.faults
    try:
        gauges |= {"tamga_node_up": 1, "tamga_node_block": facade.reader.head().number}
    except Unavailable:
        gauges["tamga_node_up"] = 0
    return PlainTextResponse(request.app.state.figures.text(gauges), media_type=MEDIA_TYPE)
