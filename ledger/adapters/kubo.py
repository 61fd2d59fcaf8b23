"""Documents on a Kubo (IPFS) node: a batch is one CAR import, its roots pinned in the same call.

Through `ipfshttpclient.Client`, made directly because `connect` refuses every Kubo of the last years by its version;
the commands used are the same. The node must run without its own garbage collection (no `--enable-gc`) and, for
batches to survive a power cut, with `Datastore.Spec`'s flatfs `sync` on: the adapter cannot tell either.
"""

import ipaddress
import tempfile
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import IO, Final
from urllib.parse import urlsplit

import ipfshttpclient
from ipfshttpclient import exceptions, multipart

from ledger.adapters.addresses import shown
from ledger.domain import car
from ledger.domain.cid import cid_bytes, cid_digest, is_dag_pb, raw_cid, verify_block
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, Tampered, Unavailable
from ledger.domain.fields import malformed
from ledger.domain.ids import Cid
from ledger.domain.limits import MAX_IPFS_BLOCK_BYTES, MIB
from ledger.ports.content_store import ContentStore, Pin

warnings.filterwarnings("ignore", "The 'strict' parameter is no longer needed", FutureWarning)  # the client's, not ours

_PINS_PER_CALL: Final = 256
"""CIDs in one request: they stand in its URL."""
_PINS_ASKED: Final = 64
"""CIDs that are asked for one by one."""
_SPOOL_BYTES: Final = 64 * MIB
"""A larger batch waits on disk for its roots."""
_ASKED_AT_ONCE: Final = 256
"""Blocks that peers are asked for at the same time."""
_MET_PEERS_S: Final = 10
"""Wait for blocks of peers, once they had a whole timeout to be met [s]: those of a private swarm take milliseconds."""
_NOT_PINNED: Final = "not pinned or pinned indirectly"
"""How Kubo refuses to unpin what is not pinned."""
_NOT_PINNED_SO: Final = "is not pinned"
"""How Kubo says that a block is not pinned in the way asked for."""
_LONG_S: Final = 3600
"""Longest wait for an import or a collection, which answer only at their end."""


class KuboStore(ContentStore):
    """A content store on one Kubo node."""

    def __init__(self, address: str, *, timeout_s: float = 30, offline: bool = False) -> None:
        """Name the node; nothing is asked of it yet.

        Args:
            address: Its RPC API, as `http://127.0.0.1:5001` or a multiaddr.
            timeout_s: Longest wait for an answer, or for its next piece [s].
            offline: Read only what this node has itself, never from its peers.

        Raises:
            Malformed: Not an address.
        """
        self._address = shown(address)
        try:
            self._client = ipfshttpclient.Client(_multiaddr(address), timeout=timeout_s, session=True)
        except (exceptions.AddressError, ValueError) as bad:
            raise malformed("address", "", f"{self._address} is no address of an IPFS node's API") from bad
        self._offline = offline
        self._peers_s = timeout_s

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        """See the port. The node checks each block against its CID and answers with the roots that it pinned."""
        try:
            with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as spool:
                for cid, block in blocks:
                    if len(block) > MAX_IPFS_BLOCK_BYTES:
                        raise LimitExceeded(f"block {cid}", MAX_IPFS_BLOCK_BYTES)
                    if not verify_block(cid, block):
                        raise Tampered(f"the block given as {cid} has another hash")
                    spool.write(car.section_head(cid_bytes(cid), len(block)))
                    spool.write(block)
                wanted = list(pins)
                roots = [pin.cid for pin in wanted if pin.recursive]
                spool.seek(0)
                self._import(roots, spool)
        except OSError as bad:  # of the spool, which tries a failed write again when it is closed
            raise Unavailable(f"a batch cannot wait in the folder for temporary files: {bad}") from bad
        self.repin([pin for pin in wanted if not pin.recursive], [])

    def has(self, cid: Cid) -> bool:
        """See the port."""
        cid_bytes(cid)
        try:
            with self._our_errors(f"block {cid}"):
                self._client.block.stat(cid, offline=True)
        except NotFound:
            return False
        return True

    def absent(self, cids: Collection[Cid]) -> frozenset[Cid]:
        """See the port. A node never says that its peers do not have a block: it goes on asking them.

        So the first time they get as long as any answer may take, which is for a node that has yet to meet them;
        afterwards as long as peers need that are met.
        """
        wanted = list(cids)
        silent: set[Cid] = set()
        with ThreadPoolExecutor(_ASKED_AT_ONCE) as threads:
            for first in range(0, len(wanted), _ASKED_AT_ONCE):
                some = wanted[first : first + _ASKED_AT_ONCE]
                given = list(threads.map(partial(self._is_given, within_s=self._peers_s), some))
                silent |= {cid for cid, is_given in zip(some, given, strict=True) if not is_given}
                if not all(given):
                    self._peers_s = min(self._peers_s, _MET_PEERS_S)
        return frozenset(silent)

    def pins(self) -> Mapping[Cid, bool]:
        """See the port; pins of other kinds of content on the same node are left out, and second names of nodes."""
        pinned = self._all_pins()
        second = {_raw_name(cid) for cid in pinned if is_dag_pb(cid)}
        return {cid: recursive for cid, recursive in pinned.items() if cid not in second}

    def _all_pins(self) -> dict[Cid, bool]:
        pinned: dict[Cid, bool] = {}
        for kind in ("direct", "recursive"):
            with self._our_errors("pins"):
                keys = self._client.pin.ls(type=kind).as_json().get("Keys") or {}  # absent where there are none
            pinned.update((Cid(cid), kind == "recursive") for cid in keys if _is_ours(cid))
        return pinned

    def pinned(self, cids: Collection[Cid]) -> Mapping[Cid, bool]:
        """See the port; few are asked for one by one, so that a small batch does not list all pins of the node."""
        if len(cids) > _PINS_ASKED:
            return super().pinned(cids)
        return {cid: how for cid in cids for how in (True, False) if self._is_pinned(cid, recursive=how)}

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        """See the port. What is not here is not fetched from peers: a document that is erased meanwhile stays away.

        Raises:
            NotFound: A new pin is on a block that is not here, or a root that is not whole here.
        """
        wanted, removed = list(add), list(remove)
        recursive = [pin.cid for pin in wanted if pin.recursive]
        direct = [pin.cid for pin in wanted if not pin.recursive]
        self._pin(recursive, recursive=True)
        if direct:
            self._pin_direct(direct)
        self._unpin([*removed, *(_raw_name(cid) for cid in removed if is_dag_pb(cid))])

    def collect(self) -> None:
        """See the port."""
        with (
            self._our_errors("garbage"),
            self._client.repo.gc(stream=True, opts={"stream-errors": "true"}, timeout=_LONG_S) as removed,
        ):
            for one in removed:
                if one.get("Error"):
                    raise Unavailable(f"an IPFS node could not collect everything: {self._address}: {one['Error']}")

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        with self._our_errors(f"block {cid}"):
            block: bytes = self._client.block.get(cid, offline=self._offline, timeout=self._peers_s)
        return block[:max_bytes]

    def _is_given(self, cid: Cid, *, within_s: float) -> bool:
        """Whether the node has the block, or a peer gives it to it in time."""
        try:
            with self._our_errors(f"block {cid}"):
                self._client.block.stat(cid, offline=self._offline, timeout=within_s)
        except NotFound:
            return False
        except Unavailable:  # silence; is the node itself away, it says so
            return self.has(cid)
        return True

    def _import(self, roots: Sequence[Cid], sections: IO[bytes]) -> None:
        header = car.encode_header([cid_bytes(root) for root in roots])
        body, headers = multipart.stream_files(_AfterHeader(header, sections), chunk_size=MIB)
        options = {"pin-roots": "true", "allow-big-block": "false"}
        with self._our_errors("import"):
            answers = self._client._client.request(
                "/dag/import", decoder="json", data=body, headers=headers, opts=options, timeout=_LONG_S
            )
        try:
            pinned = {one["Root"]["Cid"]["/"]: one["Root"]["PinErrorMsg"] for one in answers if "Root" in one}
        except (KeyError, TypeError) as odd:
            raise Unavailable(f"an IPFS node answered what cannot be read: {self._address}") from odd
        failed = {cid: problem for cid, problem in pinned.items() if problem}
        if failed:
            raise Unavailable(f"an IPFS node did not pin: {self._address}: {next(iter(failed.items()))}")
        if set(pinned) != set(roots):
            raise Tampered(f"{self._address} pinned other roots than it was given")

    def _pin(self, cids: Sequence[Cid], *, recursive: bool) -> None:
        for some in _in_calls(cids):
            with self._our_errors("pin"):
                self._client.pin.add(*some, recursive=recursive, offline=True)

    def _pin_direct(self, cids: Sequence[Cid]) -> None:
        """Pin blocks alone, also those that are pinned recursively, which Kubo does not narrow by itself.

        A node is pinned by its raw name first, and stays so as long as by its own: Kubo keeps a block that is pinned by
        any of its names. So the block stays, whoever dies here, whoever collects meanwhile, and whoever else narrows
        the same pin at the same time, from another machine: nobody takes the raw name away, and unpinning a node,
        which Kubo does however it is pinned, may undo what the other has just done.
        """
        self._pin([_raw_name(cid) for cid in cids if is_dag_pb(cid)], recursive=False)
        now = self._all_pins()
        self._unpin([cid for cid in cids if now.get(cid)])
        self._pin(cids, recursive=False)

    def _is_pinned(self, cid: Cid, *, recursive: bool) -> bool:
        """Both ways are asked for by name: asked for any, the node would walk all its trees for indirect pins."""
        try:
            with self._our_errors("pin"):
                self._client.pin.ls(cid, type="recursive" if recursive else "direct")
        except Unavailable as bad:
            if _NOT_PINNED_SO in str(bad):
                return False
            raise
        return True

    def _unpin(self, cids: Sequence[Cid]) -> None:
        """Unpin what is pinned; Kubo stops a call at the first that another has unpinned by then."""
        left = list(cids)
        while left:
            now = self._all_pins()
            left = [cid for cid in left if cid in now]
            try:
                for some in _in_calls(left):
                    with self._our_errors("pin"):
                        self._client.pin.rm(*some)
            except Unavailable as bad:
                if _NOT_PINNED not in str(bad):
                    raise
            else:
                return

    @contextmanager
    def _our_errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except exceptions.ErrorResponse as bad:
            if "not found" in str(bad):
                raise NotFound(what, f"on {self._address}: {bad}") from bad
            raise Unavailable(f"an IPFS node refused: {self._address}: {bad}") from bad
        except (exceptions.Error, OSError) as bad:  # an answer that is cut off is requests' own, which is an OSError
            raise Unavailable(f"an IPFS node does not answer: {self._address}: {type(bad).__name__}") from bad


class _AfterHeader:
    """A file that has a header before it."""

    def __init__(self, header: bytes, file: IO[bytes]) -> None:
        self._header, self._file = header, file

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only for the header's end and the file's."""
        if self._header:
            out, self._header = self._header[:size], self._header[size:]
            return out
        return self._file.read(size)


def _raw_name(cid: Cid) -> Cid:
    """The CID of the same block as one without links."""
    return raw_cid(cid_digest(cid))


def _in_calls(cids: Sequence[Cid]) -> Iterator[Sequence[Cid]]:
    return (cids[at : at + _PINS_PER_CALL] for at in range(0, len(cids), _PINS_PER_CALL))


def _is_ours(cid: str) -> bool:
    try:
        cid_bytes(cid)
    except Malformed:
        return False
    return True


def _multiaddr(address: str) -> str:
    """The multiaddr of an `http(s)://host:port`; a multiaddr stays as it is."""
    if address.startswith("/"):
        return address
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or url.hostname is None or url.username is not None:  # it would not be sent
        raise ValueError(shown(address))
    try:
        kind = f"ip{ipaddress.ip_address(url.hostname).version}"
    except ValueError:
        kind = "dns"
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    return f"/{kind}/{url.hostname}/tcp/{port}/{url.scheme}"
