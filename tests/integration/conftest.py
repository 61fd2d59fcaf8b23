from tests.support.kubo import swarm

__all__ = ["swarm"]
