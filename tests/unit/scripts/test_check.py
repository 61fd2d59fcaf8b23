"""What the checks call an address of a registry or of a machine."""

import pytest

from scripts.lib.check import MACHINE, REGISTRY


@pytest.mark.parametrize(
    "line",
    [
        b'"resolved": "https://registry.npmjs.org/solc"',
        b"--index-url https://pypi.org/simple",
        b"GOPROXY=https://proxy.golang.org",
    ],
)
def test_a_registry_is_found(line: bytes) -> None:
    assert REGISTRY.search(line)


@pytest.mark.parametrize("line", [b'python = "/root/x"', b"see /home/ann/tamga", b"cd /work/main"])
def test_a_machine_path_is_found(line: bytes) -> None:
    assert MACHINE.search(line)


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
