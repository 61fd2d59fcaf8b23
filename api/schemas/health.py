"""The facade's own state."""

from pydantic import Field

from api.schemas.base import Shape


class ReadyOut(Shape):
    """Whether this facade can do its work, and what it waits for."""

    ready: bool
    indexed: int | None = Field(description="Height of the last indexed block; -1: none; null: no database.")
    head: int | None = Field(description="Height of the node's newest block; null if no node answers.")
    behind: int | None = Field(description="Blocks not yet indexed.")
    carries_acts: bool = Field(description="Whether this facade has a relayer's key.")
    acts_open: int | None = Field(description="Acts accepted and not final yet; null: it carries none, or no database.")
    at_work: list[str] = Field(description="Duties that this process has, of those that one process does for all.")
    troubles: dict[str, str] = Field(
        description="What each part complains of, whichever process works on it; the log tells where and why."
    )
