"""What the checks call an address of a registry in a lock file, or a path of a machine."""

import pytest

from scripts.lib.check import LOCKS, MACHINE


@pytest.mark.parametrize(
    ("lock", "line"),
    [
        ("package-lock.json", b'      "resolved": "https://registry.example/solc/-/solc-0.8.37.tgz",'),
        ("scripts/benches/peers/package-lock.json", b'      "resolved": "https://registry.example/x/-/x-1.tgz",'),
        ("requirements.lock", b"--index-url https://index.example/simple"),
        ("requirements.lock", b"web3 @ https://index.example/web3-8.0.0-py3-none-any.whl"),
        (".npmrc", b"registry=https://registry.example/"),
    ],
)
def test_a_registry_in_a_lock_is_found(lock: str, line: bytes) -> None:
    assert LOCKS[lock].search(line)


@pytest.mark.parametrize(
    ("lock", "line"),
    [
        ("package-lock.json", b'        "url": "https://author.example/funding/"'),
        ("requirements.lock", b"web3==8.0.0 \\"),
        (".npmrc", b"omit-lockfile-registry-resolved=true"),
    ],
)
def test_other_lines_of_a_lock_are_left_alone(lock: str, line: bytes) -> None:
    assert not LOCKS[lock].search(line)


@pytest.mark.parametrize("line", [b'python = "/ro|ot/x"', b"see /ho|me/ann/tamga", b"cd /wo|rk/main"])
def test_a_machine_path_is_found(line: bytes) -> None:
    assert not MACHINE.search(line)  # with a bar in it, or this file were an offence itself
    assert MACHINE.search(line.replace(b"|", b""))


@pytest.mark.parametrize("line", [b"GET /v1/root/path", b"https://example.test/home/ann/page", b"the /tmp folder"])
def test_other_text_is_left_alone(line: bytes) -> None:
    assert not MACHINE.search(line)
