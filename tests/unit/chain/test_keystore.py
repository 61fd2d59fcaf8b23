"""Key files: created once, unlocked by name or address, damage told from a wrong passphrase."""

import json
import stat
from pathlib import Path
from typing import Literal

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from ledger.adapters.keystore import Keystore, StoredKey
from ledger.domain.errors import Conflict, Malformed, NotFound, NotOpened, Unavailable

MESSAGE = {
    "types": {"EIP712Domain": [{"name": "name", "type": "string"}], "Note": [{"name": "text", "type": "string"}]},
    "primaryType": "Note",
    "domain": {"name": "Tamga"},
    "message": {"text": "hello"},
}


@pytest.fixture
def keystore(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keys", scrypt_n=2)


def test_key_survives_the_process(keystore: Keystore, tmp_path: Path) -> None:
    made = keystore.create("broker-1", "a passphrase")
    again = Keystore(tmp_path / "keys")
    assert again.load("broker-1", "a passphrase").address == made.address
    assert again.load(made.address, "a passphrase").address == made.address
    assert again.load(made.address.lower(), "a passphrase").address == made.address
    assert again.list() == [StoredKey("broker-1", made.address)]
    file = tmp_path / "keys" / "broker-1.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [f.name for f in file.parent.iterdir()] == ["broker-1.json"]
    assert json.loads(file.read_text())["crypto"]["kdf"] == "scrypt"


def test_signatures_are_the_wallets(keystore: Keystore) -> None:
    signer = keystore.add("known", "x", b"\1" * 32)
    account = Account.from_key(b"\1" * 32)
    assert signer.address == account.address
    assert signer.sign_typed_data(MESSAGE) == bytes(
        account.sign_message(encode_typed_data(full_message=MESSAGE)).signature
    )
    assert b"\1" * 32 not in repr(signer).encode()


def test_names_are_taken_once(keystore: Keystore) -> None:
    first = keystore.create("a", "x")
    with pytest.raises(Conflict, match="named a"):
        keystore.create("a", "y")
    assert keystore.load("a", "x").address == first.address


@pytest.mark.parametrize("name", ["", "../a", "a/b", "A", ".a", "a" * 65, "a\0"])
def test_names_stay_in_the_folder(keystore: Keystore, name: str) -> None:
    with pytest.raises(Malformed):
        keystore.create(name, "x")
    with pytest.raises(Malformed):
        keystore.load(name, "x")


def test_wrong_passphrase_and_no_passphrase(keystore: Keystore) -> None:
    keystore.create("a", "right")
    with pytest.raises(NotOpened, match="does not open"):
        keystore.load("a", "wrong")
    with pytest.raises(Malformed):
        keystore.create("b", "")


def test_missing_keys(keystore: Keystore) -> None:
    for name in ("nobody", "0x" + "11" * 20):
        with pytest.raises(NotFound):
            keystore.load(name, "x")
    assert keystore.list() == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"address": "zz"}', b'{"version": 3, "crypto": {"kdf": "md5"}}', b" " * 20_000],
    ids=["empty", "cut", "list", "no fields", "bad address", "other kdf", "large"],
)
def test_damaged_files_are_malformed(keystore: Keystore, tmp_path: Path, content: bytes) -> None:
    keystore.create("a", "x")
    (tmp_path / "keys" / "a.json").write_bytes(content)
    with pytest.raises(Malformed):
        keystore.load("a", "x")
    with pytest.raises(Malformed):
        keystore.list()


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot write"):
        Keystore(tmp_path / "file" / "keys", scrypt_n=2).create("a", "x")


SECRET = bytes.fromhex("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d")


@pytest.mark.parametrize(("kdf", "work"), [("scrypt", 1 << 12), ("pbkdf2", 1000)])
def test_files_of_wallets_are_read(
    keystore: Keystore, tmp_path: Path, kdf: Literal["scrypt", "pbkdf2"], work: int
) -> None:
    keystore.create("mine", "x")
    theirs = Account.encrypt(SECRET, "testpassword é", kdf=kdf, iterations=work)
    (tmp_path / "keys" / "theirs.json").write_text(json.dumps({**theirs, "Crypto": theirs.pop("crypto")}))
    assert keystore.load("theirs", "testpassword é").address == Account.from_key(SECRET).address
    with pytest.raises(NotOpened):
        keystore.load("theirs", "testpassword e")


def test_files_of_ours_are_read_by_wallets(keystore: Keystore, tmp_path: Path) -> None:
    keystore.add("mine", "testpassword é", SECRET)
    assert Account.decrypt((tmp_path / "keys" / "mine.json").read_text(), "testpassword é") == SECRET
