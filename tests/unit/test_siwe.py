"""The sign-in message of EIP-4361.

given a message
  when it is the standard's own example          → it should be read, field by field
  when it was written here                       → it should be read as what was written
  when a line is wrong, missing or out of place  → it should be Malformed, each wrong line named
  when it is larger than its bound               → it should be LimitExceeded
"""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.ids import Address
from ledger.domain.limits import MAX_SIGN_IN_MESSAGE_BYTES
from ledger.domain.siwe import SignInMessage, read_message

ADDRESS = Address("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2")
# The example of EIP-4361, "Example message to be signed", its resources included.
EXAMPLE = f"""\
example.com wants you to sign in with your Ethereum account:
{ADDRESS}

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""


def test_the_standards_example() -> None:
    message = read_message(EXAMPLE)
    assert message == SignInMessage(
        domain="example.com",
        address=ADDRESS,
        uri="https://example.com/login",
        chain_id=1,
        nonce="32891756",
        issued_at=1_633_019_124,
        statement="I accept the ExampleOrg Terms of Service: https://example.com/tos",
        resources=[
            "ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/",
            "https://example.com/my-web2-claim.json",
        ],
    )
    assert message.text() == EXAMPLE


def test_a_scheme_a_port_and_no_statement() -> None:
    text = EXAMPLE.replace("example.com wants", "https://example.com:8443 wants").replace(
        "I accept the ExampleOrg Terms of Service: https://example.com/tos\n", ""
    )
    message = read_message(text)
    assert (message.scheme, message.domain, message.statement) == ("https", "example.com:8443", None)
    assert message.text() == text


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (" wants you", " wants you to", "domain"),
        ("example.com wants", " wants", "domain"),
        ("example.com wants", "exa mple.com wants", "domain"),
        (ADDRESS, ADDRESS.lower(), "address"),
        (ADDRESS, ADDRESS[:-1], "address"),
        (f"{ADDRESS}\n\nI accept", f"{ADDRESS}\nI accept", "statement"),
        ("I accept", "I “accept”", "statement"),
        ("I accept", "I\r accept", "statement"),
        ("URI: https://example.com/login", "URI: /login", "uri"),
        ("URI: https://example.com/login", "URI: https://example.com/ login", "uri"),
        ("Version: 1", "Version: 2", "version"),
        ("Version: 1\n", "", "version"),
        ("Chain ID: 1\n", "Chain ID: 0x1\n", "chain_id"),
        ("Chain ID: 1\nNonce: 32891756", "Nonce: 32891756\nChain ID: 1", "chain_id"),
        ("Nonce: 32891756", "Nonce: 3289175", "nonce"),
        ("Nonce: 32891756", "Nonce: 3289-1756", "nonce"),
        ("2021-09-30T16:25:24Z", "2021-09-30 16:25:24Z", "issued_at"),
        ("2021-09-30T16:25:24Z", "2021-09-30T16:25:24", "issued_at"),
        ("2021-09-30T16:25:24Z", "2021-09-31T16:25:24Z", "issued_at"),
        ("2021-09-30T16:25:24Z", "1921-09-30T16:25:24Z", "issued_at"),
        ("- https", "https", "resources"),
        ("- ipfs://", "- ip fs://", "resources"),
        ("Resources:", "Resource:", "line"),
    ],
)
def test_a_line_that_is_wrong_is_named(old: str, new: str, path: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(Malformed) as caught:
        read_message(EXAMPLE.replace(old, new, 1))
    assert f"/message/{path}" in [fault.path for fault in caught.value.faults]
    assert {fault.code for fault in caught.value.faults} == {"not_eip4361"}


def test_all_wrong_lines_are_named_at_once() -> None:
    with pytest.raises(Malformed) as caught:
        read_message(EXAMPLE.replace("Version: 1", "Version: 2").replace("32891756", "!").replace(ADDRESS, "0x"))
    assert [fault.path for fault in caught.value.faults] == ["/message/address", "/message/version", "/message/nonce"]


def test_lines_after_the_end_are_refused() -> None:
    for more in ("\n", "\nRequest ID: 5\nNonce: 12345678", "\n- https://example.com/x y"):
        with pytest.raises(Malformed):
            read_message(EXAMPLE + more)


def test_a_large_message_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitExceeded):
        read_message(EXAMPLE + "é" * (MAX_SIGN_IN_MESSAGE_BYTES // 2))


@given(st.text(max_size=300))
def test_any_text_is_a_message_or_malformed(text: str) -> None:
    for candidate in (text, EXAMPLE[: len(text)] + text):
        try:
            message = read_message(candidate)
        except Malformed:
            continue
        assert read_message(message.text()) == message


@given(
    st.builds(
        SignInMessage,
        domain=st.from_regex(r"[a-z0-9.]{1,20}(:[0-9]{1,5})?", fullmatch=True),
        address=st.just(ADDRESS),
        uri=st.from_regex(r"https://[a-z0-9.]{1,20}/[a-z]{0,9}", fullmatch=True),
        chain_id=st.integers(0, 2**64),
        nonce=st.from_regex(r"[A-Za-z0-9]{8,40}", fullmatch=True),
        issued_at=st.integers(0, 253_402_300_799),
        expires_at=st.none() | st.integers(0, 253_402_300_799),
        not_before=st.none() | st.integers(0, 253_402_300_799),
        statement=st.none() | st.from_regex(r"[A-Za-z0-9 .,:/]{1,60}", fullmatch=True),
        scheme=st.none() | st.just("https"),
        request_id=st.none() | st.from_regex(r"[a-z0-9]{0,9}", fullmatch=True),
        resources=st.none() | st.lists(st.just("https://example.com/a?b#c"), max_size=3),
    )
)
def test_what_was_written_is_read(message: SignInMessage) -> None:
    assert dataclasses.asdict(read_message(message.text())) == dataclasses.asdict(message)
