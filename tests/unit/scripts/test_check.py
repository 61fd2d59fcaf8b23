"""What the checks call an address of a registry or of a machine."""

import pytest

from scripts.lib.check import MACHINE, REGISTRY


@pytest.mark.parametrize(
    "line",
    [
        b'"resolved": "https://registry.npmjs|.org/solc"',
        b"--index-url https://pypi|.org/simple",
        b"GOPROXY=https://proxy|.golang.org",
    ],
)
def test_a_registry_is_found(line: bytes) -> None:
    assert not REGISTRY.search(line)  # with a bar in it, or this file were an offence itself
    assert REGISTRY.search(line.replace(b"|", b""))


@pytest.mark.parametrize("line", [b'python = "/ro|ot/x"', b"see /ho|me/ann/tamga", b"cd /wo|rk/main"])
def test_a_machine_path_is_found(line: bytes) -> None:
    assert not MACHINE.search(line)
    assert MACHINE.search(line.replace(b"|", b""))


@pytest.mark.parametrize(
    "line",
    [
        b"GET /v1/root/path",
        b"https://example.test/home/ann/page",
        b"the /tmp folder",
        b"docs.pypi.org.example is not one",
    ],
)
def test_other_text_is_left_alone(line: bytes) -> None:
    assert not MACHINE.search(line)
    assert not REGISTRY.search(line)
