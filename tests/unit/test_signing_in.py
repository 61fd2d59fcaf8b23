"""Sign-in over HTTP, the ledger scripted.

given a facade, and a key that the ledger knows
  when its challenge is signed and sent           → 201 and a token, which answers who it is
  when the same message is sent again             → 401: a nonce counts once, also after a failed attempt's success
  when another key signed, or a byte changed      → 401 or 422, and no session
  when domain, address, chain or times are others → 422, each of them named
  when the key has no authority                   → 403, at sign-in and at each request later
  when the node is away                           → 503, never a right
  when the session has ended                      → 401
given a request without a session → 401 where somebody must be signed in
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.sessions import SqlSessionStore
from ledger.domain.errors import ActRefused, NotSignedIn
from ledger.domain.ids import Address
from ledger.domain.personal_sign import message_digest
from ledger.domain.signatures import HALF_ORDER, signer_of
from ledger.domain.siwe import read_message
from ledger.services.signing_in import NONCE_LIFE_S, SESSION_LIFE_S, SignIn
from tests.support.documents import World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.fake_chain import FakeChain
from tests.support.ledgers import key

KEY = key("officer")
NOT_OPENED = (401, 503)
"""What no key signed is perhaps a wallet's, and there is no node here to ask for its contract."""
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def client(made: World, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(facade_over(made, tmp_path)) as client:
        yield client


def challenge(client: httpx.Client) -> Any:
    return client.post("/v1/session/nonce", json={"address": KEY.address}).raise_for_status().json()


def send(client: httpx.Client, message: str, signature: bytes | None = None) -> httpx.Response:
    signed = KEY.sign_message(message) if signature is None else signature
    return client.post("/v1/session", json={"message": message, "signature": f"0x{signed.hex()}"})


def paths(answer: httpx.Response) -> list[str]:
    return [fault["path"] for fault in answer.json()["faults"]]


def test_a_signed_challenge_opens_a_session(client: httpx.Client) -> None:
    asked = challenge(client)
    message = read_message(asked["message"])
    assert (message.address, message.uri) == (KEY.address, str(client.base_url).rstrip("/"))
    answer = send(client, asked["message"])
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    session = answer.json()
    client.headers["Authorization"] = f"Bearer {session['token']}"
    assert client.get("/v1/session").json() == session["caller"]
    assert session["caller"]["roles"] == ["ISSUER", "SERVICE_ANCHOR"]
    ended = client.delete("/v1/session")
    assert (ended.status_code, ended.content, ended.headers.get("content-type")) == (204, b"", None)
    assert client.get("/v1/session").status_code == 401
    assert client.delete("/v1/session").status_code == 401


def test_a_nonce_counts_once(client: httpx.Client) -> None:
    message = challenge(client)["message"]
    assert send(client, message, bytes(65)).status_code in NOT_OPENED  # a failed attempt does not spend it
    assert send(client, message).status_code == 201
    again = send(client, message)
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")
    assert again.headers["WWW-Authenticate"] == "Bearer"
    made_up = read_message(message)
    assert send(client, message.replace(made_up.nonce, "0" * 32)).status_code == 401


def high(signature: bytes) -> bytes:
    s = ORDER - int.from_bytes(signature[32:64], "big")
    assert s > HALF_ORDER
    return signature[:32] + s.to_bytes(32, "big") + bytes([27 + 28 - signature[64]])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signature: key("another").sign_message("x"),
        lambda signature: signature[:64],
        lambda signature: signature[:64] + b"\0",
        lambda signature: bytes(64) + b"\x1b",
        lambda signature: b"\xff" * 64 + b"\x1b",
        high,
    ],
    ids=["another key", "short", "v 0", "zero", "over the order", "high s"],
)
def test_another_signature_opens_nothing(client: httpx.Client, spoil: Callable[[bytes], bytes]) -> None:
    message = challenge(client)["message"]
    assert signer_of(message_digest(message), KEY.sign_message(message)) == KEY.address
    answer = send(client, message, spoil(KEY.sign_message(message)))
    assert answer.status_code in NOT_OPENED, answer.text


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda m: m.replace("127.0.0.1", "evil.example", 1), "/body/message/domain"),
        (lambda m: m.replace("URI: http://127.0.0.1", "URI: http://evil.example"), "/body/message/uri"),
        (lambda m: m.replace("Chain ID: 1337", "Chain ID: 1"), "/body/message/chain_id"),
        (lambda m: m.replace("Issued At: 20", "Issued At: 21"), "/body/message/issued_at"),
        (lambda m: m.replace("Issued At: 20", "Issued At: 19"), "/body/message/issued_at"),
        (lambda m: m.replace("Expiration Time: 20", "Expiration Time: 19"), "/body/message/expiration_time"),
        (lambda m: m + "\nNot Before: 2999-01-01T00:00:00Z", "/body/message/not_before"),
        (lambda m: m.replace("Version: 1", "Version: 3"), "/body/message/version"),
    ],
)
def test_a_message_for_elsewhere_or_another_time_is_refused(
    client: httpx.Client, change: Callable[[str], str], path: str
) -> None:
    message = challenge(client)["message"]
    changed = change(message)
    assert changed != message
    answer = send(client, changed)
    assert answer.status_code == 422, answer.text
    assert paths(answer) == [path]
    assert send(client, message).status_code == 201


def test_all_faults_are_told_at_once(client: httpx.Client) -> None:
    message = challenge(client)["message"].replace("127.0.0.1", "evil.example").replace("Chain ID: 1337", "Chain ID: 1")
    assert paths(send(client, message)) == ["/body/message/domain", "/body/message/uri", "/body/message/chain_id"]


def test_a_key_without_authority_has_none(client: httpx.Client, made: World) -> None:
    signed_in(client, KEY)
    assert client.get("/v1/session").status_code == 200
    made.authority["participant"] = 0
    told = client.get("/v1/session")
    assert (told.status_code, told.json()["code"]) == (403, "not_entitled")
    assert send(client, challenge(client)["message"]).status_code == 403


def test_an_outage_gives_no_right(client: httpx.Client, made: World) -> None:
    signed_in(client, KEY)
    made.chain.switch_off()
    told = client.get("/v1/session")
    assert (told.status_code, told.json()["code"], told.json()["retryable"]) == (503, "unavailable", True)
    assert client.get(f"/v1/documents/1/0x{'00' * 32}").status_code == 503


@pytest.mark.parametrize("header", ["Bearer x", "Bearer " + "A" * 43, "Basic dXNlcjpwYXNz", "Bearer", "Bearer é"])
def test_another_token_is_refused(client: httpx.Client, header: str) -> None:
    for path in ("/v1/session", "/v1/declarations/1"):
        answer = client.get(path, headers={"Authorization": header.encode()})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), answer.text


def test_without_a_session_nothing_is_read(client: httpx.Client) -> None:
    for path in ("session", "declarations/1", "declarations/1/history", f"permits/0x{'00' * 32}"):
        answer = client.get(f"/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), answer.text


class Watch:
    """A clock to be set."""

    def __init__(self, now: int) -> None:
        self.time = now

    def now(self) -> int:
        return self.time


def test_sessions_and_nonces_end_by_the_clock(tmp_path: Path) -> None:
    chain, clock = FakeChain(start=1_700_000_000), Watch(1_700_000_000)
    instants: list[int] = []

    def authority(args: tuple[Any, ...], _: Any) -> Any:
        instants.append(args[1])
        return {"participant": 1, "roles": 1, "office": 0}

    chain.answer("ParticipantRegistry", "authorityAt", authority)
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    signing = SignIn("http://a.example", chain, None, SqlSessionStore(database), clock)  # type: ignore[arg-type]
    first, second = signing.challenge(KEY.address).text(), signing.challenge(KEY.address).text()
    session = signing.open(first, KEY.sign_message(first))
    assert session.expires_at == clock.time + SESSION_LIFE_S
    clock.time += NONCE_LIFE_S
    with pytest.raises(Exception, match="expired"):
        signing.open(second, KEY.sign_message(second))
    assert signing.caller(session.token).key == KEY.address
    assert instants[-1] == clock.time  # the chain is idle: a validity that has ended meanwhile has ended
    clock.time = session.expires_at - 1
    assert signing.caller(session.token).key == KEY.address
    clock.time = session.expires_at
    with pytest.raises(Exception, match="expired"):
        signing.caller(session.token)
    database.close()


class Wallet:
    """An organisation's wallet contract (ERC-1271) that takes one signature, and the node that runs it."""

    def __init__(self, takes: bytes) -> None:
        self.takes, self.asked = takes, b""

    def simulate(self, sender: Address, to: Address, calldata: bytes, *, gas: int | None = None) -> bytes:
        self.asked = calldata
        if self.takes not in calldata:
            raise ActRefused("unknown", {"data": "0x"})
        return bytes.fromhex("1626ba7e").ljust(32, b"\0")


def test_an_organisations_wallet_signs_in(tmp_path: Path) -> None:
    chain, wallet = FakeChain(start=1_700_000_000), Wallet(b"agreed by two of three")
    chain.answer("ParticipantRegistry", "authorityAt", lambda *_: {"participant": 1, "roles": 1, "office": 0})
    with closing(Database(f"sqlite:///{tmp_path / 'x.sqlite'}")) as database:
        store, clock = SqlSessionStore(database), Watch(1_700_000_000)
        signing = SignIn("http://a.example", chain, wallet, store, clock)  # type: ignore[arg-type]
        text = signing.challenge(KEY.address).text()
        with pytest.raises(NotSignedIn):
            signing.open(text, b"agreed by one")
        assert signing.open(text, wallet.takes).caller.key == KEY.address
    assert wallet.asked[:36] == bytes.fromhex("1626ba7e") + message_digest(text)
    assert len(wallet.asked) % 32 == 4
