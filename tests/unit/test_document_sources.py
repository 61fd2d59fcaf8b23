"""Documents from files, folders, archives and standard input.

given a folder                → its files in order of name, without hidden ones, links and proof files;
                                named and refused if one below it is closed to us: nothing is left out unsaid
given an archive              → its members by name, whatever its size, without hidden ones and proof files;
                                as one document with `whole`
given standard input          → one document, refused if it is empty or named twice
given a packed file           → the media type of its packing, not of what is inside
given a bomb, a link, a name that leads elsewhere, an encrypted or damaged archive
                              → refused with a code and the member's name, before much of it is read
given a document that has to wait on disk, and a disk without room for it
                              → that is told, not that the archive cannot be read
"""

import bz2
import errno
import gzip
import io
import lzma
import os
import sys
import tarfile
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger.cli import sources
from ledger.cli.sources import STANDARD_INPUT, Source, count, documents
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, Unavailable
from ledger.domain.limits import KIB, MIB


def listed(*paths: Path, whole: bool = False) -> dict[str, bytes]:
    found = {}
    for source in documents(paths, whole=whole, input_name="stdin"):
        content = source.content
        found[source.name] = content if isinstance(content, bytes) else content.read_bytes()
    return found


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, *members: tarfile.TarInfo | tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for member in members:
            info = tarfile.TarInfo(member[0]) if isinstance(member, tuple) else member
            content = member[1] if isinstance(member, tuple) else b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def code_of(refused: pytest.ExceptionInfo[Malformed]) -> str:
    return refused.value.faults[0].code


def test_a_folder(tmp_path: Path) -> None:
    for name in ("b.xml", "a/c.xml", ".hidden", ".git/x", "b.xml.tamga.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "link.xml").symlink_to(tmp_path / "b.xml")
    assert listed(tmp_path) == {"a/c.xml": b"a/c.xml", "b.xml": b"b.xml"}
    assert count([tmp_path, tmp_path / "b.xml"], whole=False) == 3
    (found,) = documents([tmp_path / "b.xml"], whole=False, input_name="")
    assert (found.name, found.file, found.media_type) == ("b.xml", tmp_path / "b.xml", "application/xml")


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz"])
def test_an_archive_of_thousands(tmp_path: Path, suffix: str) -> None:
    members = {f"2026/{number:05}.json": b'{"n":%d}' % number for number in range(3_000)}
    path = tmp_path / f"day{suffix}"
    made = zipped(path, **members) if suffix == ".zip" else tarred(path, *members.items())
    assert listed(made) == members
    assert count([made], whole=False) == (3_000 if suffix == ".zip" else None)
    assert listed(made, whole=True) == {made.name: made.read_bytes()}
    assert count([made], whole=True) == 1


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("invoice.json", "application/json"),
        ("invoice.json.gz", "application/gzip"),
        ("day.tar.gz", "application/gzip"),
        ("day.TGZ", "application/gzip"),
        ("scan.pdf.bz2", "application/x-bzip2"),
        ("scan.pdf.xz", "application/x-xz"),
        ("scan.pdf.Z", "application/octet-stream"),
        ("scan", "application/octet-stream"),
    ],
)
def test_media_types(name: str, media_type: str) -> None:
    assert Source(name, b"").media_type == media_type


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    assert listed(STANDARD_INPUT) == {"stdin": b"piped"}


def test_an_empty_pipe_is_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was to write it has failed, most likely; an anchor would be for ever."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(Malformed, match="standard input is empty"):
        listed(STANDARD_INPUT)


def test_standard_input_is_read_once() -> None:
    with pytest.raises(Malformed, match="standard input is read once"):
        count([STANDARD_INPUT, STANDARD_INPUT], whole=False)


def test_a_large_member_waits_on_disk_and_is_gone_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_UPLOAD_BYTES", 2 * MIB)
    large = bytes(range(256)) * (3 * MIB // 256)
    seen = []
    for source in documents([zipped(tmp_path / "a.zip", large=large, small=b"s")], whole=False, input_name=""):
        seen.append(source.content)
        assert (source.content.read_bytes() if isinstance(source.content, Path) else source.content) in (large, b"s")
    assert isinstance(seen[0], Path)
    assert not seen[0].exists()
    monkeypatch.setattr(sources, "MAX_DOCUMENT_BYTES", 2 * MIB)
    with pytest.raises(LimitExceeded):
        listed(tmp_path / "a.zip")


def test_bombs_are_refused_before_they_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_FREE_BYTES", MIB)
    bomb = bytes(300 * MIB)
    for path in (zipped(tmp_path / "bomb.zip", zeros=bomb), tarred(tmp_path / "bomb.tar.gz", ("zeros", bomb))):
        with pytest.raises(LimitExceeded) as refused:
            listed(path)
        assert path.name in str(refused.value)
    many = zipped(tmp_path / "many.zip", **{f"{n}": bytes(MIB) for n in range(200)})
    with pytest.raises(LimitExceeded):
        listed(many)


def test_members_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BATCH", 3)
    with pytest.raises(LimitExceeded):
        count([zipped(tmp_path / "a.zip", **{f"{n}": b"" for n in range(4)})], whole=False)
    with pytest.raises(LimitExceeded):
        listed(tarred(tmp_path / "a.tar", *[(f"{n}", b"") for n in range(8)]))


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "a\\b"])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    for path in (zipped(tmp_path / "a.zip", **{name: b"x"}), tarred(tmp_path / "a.tar", (name, b"x"))):
        with pytest.raises(Malformed) as refused:
            listed(path)
        assert code_of(refused) == "archive_name"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_members_that_are_no_files(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("invoice.pdf")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(Malformed) as refused:
        listed(tarred(tmp_path / "a.tar", member))
    assert code_of(refused) == "archive_member"
    assert refused.value.faults[0].path == "/a.tar/invoice.pdf"


def test_archives_that_cannot_be_read(tmp_path: Path) -> None:
    good = zipped(tmp_path / "good.zip", a=b"content " * 1000).read_bytes()
    encrypted = bytearray(good)
    encrypted[6] |= 1
    encrypted[good.rindex(b"PK\1\2") + 8] |= 1
    broken = bytearray(good)
    broken[40] ^= 0xFF
    cases = {
        "none.zip": (b"none", "archive"),
        "none.tar": (b"none", "archive"),
        "cut.tar.gz": (tarred(tmp_path / "x.tar.gz", ("a", bytes(5000))).read_bytes()[:60], "archive"),
        "encrypted.zip": (bytes(encrypted), "archive_encrypted"),
        "broken.zip": (bytes(broken), "archive"),
    }
    for name, (content, code) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Malformed) as refused:
            listed(tmp_path / name)
        assert code_of(refused) == code, name


def test_hidden_members_and_proofs_are_no_documents(tmp_path: Path) -> None:
    names = ("./a.xml", "a.xml.tamga.json", ".hidden", "__MACOSX/._a.xml", ".git/x", "sub/b.xml")
    members = {name: name.encode() for name in names}
    made = zipped(tmp_path / "a.zip", **members)
    for path in (made, tarred(tmp_path / "a.tar.gz", *members.items())):
        assert listed(path) == {"a.xml": b"./a.xml", "sub/b.xml": b"sub/b.xml"}
    assert count([made], whole=False) == 2


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_a_zip(tmp_path: Path, packing: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a.txt", bytes(range(256)) * 20)
    damaged = bytearray(path.read_bytes())
    for at in range(60, 120):
        damaged[at] ^= 0x55
    path.write_bytes(damaged)
    with pytest.raises(Malformed) as refused:
        listed(path)
    assert code_of(refused) == "archive"


def test_a_disk_that_does_not_give_an_archive_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    paths = (zipped(tmp_path / "a.zip", a=b"a"), tarred(tmp_path / "a.tar.gz", ("a", b"a")))
    monkeypatch.setattr(sources, "_read", broken)
    for path in paths:
        with pytest.raises(Unavailable):
            listed(path)


def test_a_folder_that_is_closed_to_us_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, hidden, scandir = tmp_path / "a" / "closed", tmp_path / ".closed", os.scandir
    for folder in (closed, hidden):
        folder.mkdir(parents=True)
    (tmp_path / "b.xml").write_bytes(b"b")

    def scanned(path: Any) -> Any:
        if Path(path) in (closed, hidden):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scanned)
    for ask in (lambda: count([tmp_path], whole=False), lambda: listed(tmp_path)):
        with pytest.raises(Unavailable, match=f"^{closed} cannot be read: Permission denied$"):
            ask()
    closed.rmdir()
    assert listed(tmp_path) == {"b.xml": b"b"}


@pytest.mark.parametrize("kind", [".zip", ".tar.gz", "-"])
def test_a_full_disk_for_temporary_files_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(sources, "MAX_UPLOAD_BYTES", KIB)
    full = partial(Path.open, Path("/dev/full"), "wb")
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda **_: full())
    large, path = bytes(3 * MIB), tmp_path / f"a{kind}"
    if kind == "-":
        path = STANDARD_INPUT
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(large)))
    elif kind == ".zip":
        zipped(path, large=large)
    else:
        tarred(path, ("large", large))
    name = "standard input" if kind == "-" else "large"
    text = f"^{name} cannot wait in the folder for temporary files: No space left on device$"
    with pytest.raises(Unavailable, match=text):
        listed(path)


def packed(kind: str, content: bytes) -> bytes:
    return {"gz": lambda raw: gzip.compress(raw, compresslevel=0), "bz2": bz2.compress, "xz": lzma.compress}[kind](
        content
    )


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_a_packed_tar_is_checked_to_its_end(tmp_path: Path, kind: str) -> None:
    """Also where what is damaged still unpacks: only the checksum tells."""
    members = {f"{n}.txt": b"amount 1000.00 USD" + bytes(30_000) for n in range(3)}
    good = packed(kind, tarred(tmp_path / "a.tar", *members.items()).read_bytes())
    path = tmp_path / f"a.tar.{kind}"
    path.write_bytes(good)
    assert listed(path) == members
    at = good.index(b"1000.00") if kind == "gz" else len(good) // 2
    for bad in (good[:at] + bytes([good[at] ^ 8]) + good[at + 1 :], good[:-6], good[: len(good) // 2]):
        path.write_bytes(bad)
        with pytest.raises(Malformed) as refused:
            listed(path)
        assert code_of(refused) == "archive"


def test_a_tar_that_does_not_end_is_refused(tmp_path: Path) -> None:
    """Cut in a header, before one, or with a damaged one: never taken for the end."""
    path = tarred(tmp_path / "a.tar", ("0", b"zero"), ("1", b"one"), ("2", b"two"))
    good = path.read_bytes()
    for bad in (good[: 2 * 1024 + 300], good[: 2 * 1024], good[: 3 * 1024], good[:2048] + b"x" + good[2049:]):
        path.write_bytes(bad)
        with pytest.raises(Malformed) as refused:
            listed(path)
        assert code_of(refused) == "archive"
    path.write_bytes(good[: 3 * 1024 + 512])  # one end block is enough
    assert list(listed(path)) == ["0", "1", "2"]


def test_what_is_not_there(tmp_path: Path) -> None:
    for ask in (lambda: count([tmp_path / "none"], whole=False), lambda: listed(tmp_path / "none")):
        with pytest.raises(NotFound):
            ask()
