from tests.support.engines import chain, ledger

__all__ = ["chain", "ledger"]
