"""Addresses as logs may have them."""

from urllib.parse import urlsplit


def shown(address: str) -> str:
    """Scheme, host and port of a URL: a hosted node's key stands in its path, others' in front of their host.

    What has no host, such as a multiaddr, is shown as it is.
    """
    parts = urlsplit(address)
    if parts.hostname is None:
        return address
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if parts.port is None else f":{parts.port}")
