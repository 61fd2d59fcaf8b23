"""The encrypted key ring: keys are added and never lost, wrong passwords and damaged files are refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.adapters.keyring import add_key, create_keyring, open_keyring
from ledger.domain import canonical
from ledger.domain.errors import Conflict, Malformed, NotFound, NotOpened, Unavailable

CHEAP = 1 << 10


def test_keys_are_added_and_old_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    (first,) = create_keyring(path, "pass", scrypt_n=CHEAP).public_keys()
    added = add_key(path, "pass").public_keys()
    assert added[1] == first
    opened = open_keyring(path, "pass")
    assert opened.public_keys() == added
    peer = create_keyring(tmp_path / "peer.json", "x", scrypt_n=CHEAP)
    for own in added:
        assert opened.exchange(own, peer.public_keys()[0]) == peer.exchange(peer.public_keys()[0], own)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["peer.json", "ring.json"]


def test_keys_added_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    create_keyring(path, "pass", scrypt_n=CHEAP)
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(lambda _: add_key(path, "pass"), range(24)))
    added = {ring.public_keys()[0] for ring in rings}
    assert len(added) == 24
    assert added < set(open_keyring(path, "pass").public_keys())


def test_of_rings_made_at_once_one_is_made(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"

    def made(_: int) -> list[bytes]:
        try:
            return create_keyring(path, "pass", scrypt_n=CHEAP).public_keys()
        except Conflict:
            return []

    with ThreadPoolExecutor(8) as threads:
        (kept,) = [keys for keys in threads.map(made, range(16)) if keys]
    assert open_keyring(path, "pass").public_keys() == kept


def test_private_keys_do_not_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    ring = create_keyring(path, "pass", scrypt_n=CHEAP)
    assert ring.public_keys()[0].hex().encode() not in path.read_bytes()
    before = path.read_bytes()
    add_key(path, "pass")
    assert set(canonical.loads(before, max_bytes=4096)["scrypt"]) == {"n", "r", "p", "salt"}
    assert canonical.loads(before, max_bytes=4096)["scrypt"]["salt"] not in path.read_text()


def test_an_existing_ring_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    create_keyring(path, "pass", scrypt_n=CHEAP)
    with pytest.raises(Conflict):
        create_keyring(path, "other", scrypt_n=CHEAP)
    open_keyring(path, "pass")


def test_wrong_password_damage_and_absence(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    create_keyring(path, "pass", scrypt_n=CHEAP)
    with pytest.raises(NotOpened):
        open_keyring(path, "Pass")
    value = canonical.loads(path.read_bytes(), max_bytes=4096)
    flipped = ("A" if value["sealed"][0] != "A" else "B") + value["sealed"][1:]
    path.write_bytes(canonical.dumps({**value, "sealed": flipped}))
    with pytest.raises(NotOpened):
        open_keyring(path, "pass")
    with pytest.raises(NotFound):
        open_keyring(tmp_path / "none.json", "pass")
    for missing in (tmp_path / "none.json", tmp_path / "no folder" / "ring.json"):
        with pytest.raises(NotFound):
            add_key(missing, "pass")
    with pytest.raises(Unavailable):
        create_keyring(tmp_path / "no folder" / "ring.json", "pass", scrypt_n=CHEAP)


@pytest.mark.parametrize(
    "change",
    [
        {"tamga": "keyring/2"},
        {"extra": 1},
        {"sealed": "!"},
        {"scrypt": {"n": 1000, "r": 8, "p": 1, "salt": "A" * 43}},
        {"scrypt": {"n": 1 << 20, "r": 16, "p": 4, "salt": "A" * 43}},
        {"scrypt": {"n": 1 << 21, "r": 8, "p": 1, "salt": "A" * 43}},
        {"scrypt": {"n": 1024, "r": 8, "p": 1, "salt": "A" * 42}},
    ],
)
def test_files_that_are_no_key_ring(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "ring.json"
    create_keyring(path, "pass", scrypt_n=CHEAP)
    value = canonical.loads(path.read_bytes(), max_bytes=4096)
    path.write_bytes(canonical.dumps({**value, **change}))
    with pytest.raises(Malformed):
        open_keyring(path, "pass")
