"""How every binary object of these formats begins: eight letters that say what it is, and one byte of version."""

from typing import Final

from ledger.domain.errors import Fault
from ledger.domain.fields import UnknownVersion, malformed

FRAME_BYTES: Final = 9


def check_frame(start: bytes, frame: bytes) -> None:
    """Require that `start`, an object's first 9 bytes, is `frame` (letters and version).

    Raises:
        UnknownVersion: The right letters with another version.
        Malformed: Other letters.
    """
    if start == frame:
        return
    if start[:8] == frame[:8] and len(start) == FRAME_BYTES:
        raise UnknownVersion(Fault("unknown_version", "/version", f"{frame[:8].decode()} of version {start[8]}"))
    raise malformed("kind", "/magic", f"not {frame[:8].decode()}")
