"""Following a chain.

given a follower and a node
  when the follower holds nothing        → it should ask for blocks from 0
  when the node has more                 → it should ask for the next ones, at most so many
  when both are equal                    → it should do nothing, or finalize what became final
  when the node is behind                → it should wait, never roll back
  when the node holds another block      → it should undo to the last common one
  when they differ where ours is final   → it should raise an alarm
"""

import pytest

from ledger.domain.chainview import NOTHING, Blocks, Finalize, Reorg, Step, check_links, fork_point, next_step
from ledger.domain.errors import Tampered, Unavailable
from ledger.domain.ids import BlockHash
from tests.support.fake_chain import FakeChain


def follow(ours: FakeChain | None, node: FakeChain, *, finalized: int = NOTHING, most: int = 100) -> Step | None:
    def theirs(number: int) -> BlockHash | None:
        block = node.block(number)
        return None if block is None else block.hash

    return next_step(
        None if ours is None else ours.head(),
        finalized,
        node.head(),
        node.final_head(),
        stored=lambda n: ours.blocks_[n].hash if ours else BlockHash(b""),
        theirs=theirs,
        most=most,
    )


def chain_of(blocks: int, *, forked_above: int | None = None) -> FakeChain:
    chain = FakeChain()
    for number in range(1, blocks + 1):
        chain.mine(fork="b" if forked_above is not None and number > forked_above else "")
    return chain


def test_an_empty_follower_starts_at_genesis() -> None:
    assert follow(None, chain_of(5)) == Blocks(0, 5)
    assert follow(None, chain_of(5), most=2) == Blocks(0, 1)


def test_it_asks_for_the_next_blocks() -> None:
    assert follow(chain_of(2), chain_of(5)) == Blocks(3, 5)
    assert follow(chain_of(2), chain_of(5), most=1) == Blocks(3, 3)


def test_it_finalizes_only_what_it_holds() -> None:
    node = chain_of(5)
    assert follow(chain_of(5), node, finalized=5) is None
    assert follow(chain_of(5), node, finalized=3) == Finalize(5)
    node.final_depth = 2
    assert follow(chain_of(5), node, finalized=1) == Finalize(3)
    assert follow(chain_of(5), node, finalized=3) is None


def test_a_lagging_node_is_waited_for() -> None:
    with pytest.raises(Unavailable):
        follow(chain_of(5), chain_of(4))


@pytest.mark.parametrize("forked_above", range(6))
def test_a_fork_is_undone_to_the_last_common_block(forked_above: int) -> None:
    assert follow(chain_of(6), chain_of(8, forked_above=forked_above)) == Reorg(forked_above)


def test_final_blocks_are_never_undone() -> None:
    node = chain_of(8, forked_above=2)
    assert follow(chain_of(6), node, finalized=2) == Reorg(2)
    with pytest.raises(Tampered):
        follow(chain_of(6), node, finalized=3)


def test_a_fork_from_genesis_leaves_nothing() -> None:
    assert fork_point(NOTHING, 3, lambda n: BlockHash(bytes([n])), lambda n: BlockHash(b"other")) == NOTHING


def test_blocks_must_link() -> None:
    chain, other = chain_of(4), chain_of(4, forked_above=1)
    check_links(None, chain.between(0, 4))
    check_links(chain.blocks_[2], chain.between(3, 4))
    for blocks in (chain.between(4, 4), [chain.blocks_[3], other.blocks_[4]], other.between(3, 3), chain.between(2, 2)):
        with pytest.raises(Unavailable):
            check_links(chain.blocks_[2], blocks)
    with pytest.raises(Unavailable):
        check_links(None, chain.between(1, 2))
