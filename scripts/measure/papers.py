"""What is measured with: a border agency's clearance request of 2.4 KB, each with its own serial number.

The sample `defra/clearance-request.json`, compact, its keys as their author ordered them, without the last item's
documents and checks, filled up in that item's description. The same bytes go to us and to the peer.
"""

import json
from functools import cache
from typing import Final

from ledger.devnet.places import ROOT

SAMPLE: Final = ROOT / "tests/samples/defra/clearance-request.json"
BYTES: Final = 2_400
MEDIA_TYPE: Final = "application/json"
_SERIAL_DIGITS: Final = 14


def serial(number: int) -> str:
    """Entry reference of paper `number`."""
    return f"24GB{number:0{_SERIAL_DIGITS}d}"


def papers(count: int, first: int = 0) -> list[bytes]:
    """`count` papers with serial numbers from `first`, each of exactly `BYTES`."""
    before, after = _template()
    return [before + serial(number).encode() + after for number in range(first, first + count)]


@cache
def _template() -> tuple[bytes, bytes]:
    """What stands before and after the serial number."""
    value = json.loads(SAMPLE.read_bytes())
    value["header"]["entryReference"] = serial(0)
    last = value["items"][-1]
    last["documents"] = last["checks"] = []
    last["goodsDescription"] += "." * (BYTES - len(_compact(value)))
    before, _, after = _compact(value).partition(serial(0).encode())
    if len(before) + len(serial(0)) + len(after) != BYTES:
        raise ValueError(f"the sample does not fit into {BYTES} bytes")
    return before, after


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
