"""Reading exact amounts from bytes that arrive in pieces."""

from collections.abc import Iterable, Iterator

from ledger.domain.fields import malformed


class ByteStream:
    """A source that is read once, front to back; holds at most what was asked for and one piece."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._piece = memoryview(b"")

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes. Raises `Malformed` (`truncated`) if fewer are left."""
        if size <= len(self._piece):
            out, self._piece = bytes(self._piece[:size]), self._piece[size:]
            return out
        parts = []
        while size > 0:
            if not self._piece:
                piece = next(self._pieces, None)
                if piece is None:
                    raise malformed("truncated", "", f"{size} bytes are missing")
                self._piece = memoryview(piece)
            parts.append(self._piece[:size])
            size -= len(parts[-1])
            self._piece = self._piece[len(parts[-1]) :]
        return b"".join(parts)

    def expect_end(self) -> None:
        """Raises `Malformed` (`trailing_bytes`) if anything is left."""
        if self._piece or any(self._pieces):
            raise malformed("trailing_bytes", "", "something follows the end")
