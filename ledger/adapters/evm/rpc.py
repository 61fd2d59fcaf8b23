"""JSON-RPC over HTTP: batches, timeouts, errors told apart."""


class EvmRpc:
    """One node."""

    def __init__(self, url: str, *, timeout_s: float = 10.0) -> None:
        raise NotImplementedError
