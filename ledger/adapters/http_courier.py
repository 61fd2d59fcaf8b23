"""Posts deliveries over HTTP, to hosts of an allow-list: no caller makes the facade reach into its own network."""

from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx

from ledger.domain.errors import Refused, Unavailable
from ledger.ports.courier import Courier

TIMEOUT_S: Final = 10.0


class HttpCourier(Courier):
    """Courier over httpx.

    Args:
        hosts: `host` or `host:port` that may be posted to, over HTTPS; `http://host:port` allows plain HTTP there.
    """

    def __init__(self, hosts: Collection[str], *, timeout_s: float = TIMEOUT_S) -> None:
        self._origins = {_origin(host if "://" in host else f"https://{host}") for host in hosts}
        self._http = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def allows(self, url: str) -> bool:
        """See the port."""
        try:
            parts = urlsplit(url)
            return parts.username is None and parts.fragment == "" and _origin(url) in self._origins
        except ValueError:
            return False

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """See the port."""
        if not self.allows(url):
            raise Refused("this facade does not post to that address")
        try:
            with self._http.stream("POST", url, headers=dict(headers), content=body) as answer:
                return answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"the receiver does not answer: {type(error).__name__}") from error

    def close(self) -> None:
        """Give connections back."""
        self._http.close()


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises `ValueError` for a port that is none."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
