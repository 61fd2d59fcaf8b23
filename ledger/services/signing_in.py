"""Sign-in with a registered key (EIP-4361): a challenge, a signed message, a short opaque token.

The message must name this facade's own domain and address, this ledger's chain, and a nonce that this facade gave out
and that was not used before. What the key may do is asked of the ledger at each request, at its newest block: a token
says who asks, never what they may.
"""

import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from ledger.domain.caller import Caller
from ledger.domain.errors import ActRefused, Fault, Malformed, NotEntitled, NotSignedIn
from ledger.domain.hashing import base64url, digest, from_base64url
from ledger.domain.ids import Address, ParticipantId
from ledger.domain.limits import MAX_SIGNATURE_BYTES
from ledger.domain.personal_sign import message_digest
from ledger.domain.roles import Role
from ledger.domain.signatures import signer_of
from ledger.domain.siwe import SignInMessage, read_message
from ledger.ports.chain import ChainReader, ChainWriter
from ledger.ports.clock import Clock
from ledger.ports.session_store import SessionStore, StoredSession

NONCE_LIFE_S: Final = 600
"""Time to sign a challenge: a person with a card or a wallet."""
SESSION_LIFE_S: Final = 1_800
"""Life of a token: half an hour at a desk. Rights do not wait for its end."""
CLOCK_SKEW_S: Final = 60
"""How far a signer's clock may be ahead of ours."""
TOKEN_BYTES: Final = 32
NONCE_BYTES: Final = 16
STATEMENT: Final = "Sign in to read what the ledger lets you read. This signs no act."
PARTICIPANTS: Final = "ParticipantRegistry"
IS_VALID_SIGNATURE: Final = bytes.fromhex("1626ba7e")
"""Selector and answer of ERC-1271's `isValidSignature(bytes32,bytes)`."""


@dataclass(frozen=True)
class Session:
    """A fresh sign-in.

    Attributes:
        token: To be sent as `Authorization: Bearer …`; told this once and kept nowhere.
        caller: Who signed in.
        expires_at: When it ends [unix s].
    """

    token: str
    caller: Caller
    expires_at: int


class SignIn:
    """Opens sessions, and says who asks."""

    def __init__(
        self, public_url: str, reader: ChainReader, writer: ChainWriter, store: SessionStore, clock: Clock
    ) -> None:
        """Serve sign-ins to `public_url`: the address that people see, never what a request says."""
        parts = urlsplit(public_url)
        self.public_url = public_url.rstrip("/")
        self._domain = parts.netloc
        self._reader, self._writer, self._store, self._clock = reader, writer, store, clock

    def challenge(self, key: Address) -> SignInMessage:
        """A message for `key` to sign, with a fresh nonce. Raises `Unavailable` without node or database."""
        now = self._clock.now()
        nonce = secrets.token_hex(NONCE_BYTES)
        self._store.add_nonce(nonce, expires_at=now + NONCE_LIFE_S, now=now)
        return SignInMessage(
            domain=self._domain,
            address=key,
            uri=self.public_url,
            chain_id=self._reader.chain_id(),
            nonce=nonce,
            issued_at=now,
            expires_at=now + NONCE_LIFE_S,
            statement=STATEMENT,
        )

    def open(self, text: str, signature: bytes) -> Session:
        """Open a session.

        Args:
            text: The message as it was signed.
            signature: r ‖ s ‖ v of EIP-191, or what the wallet contract of the message's address takes (ERC-1271).

        Raises:
            LimitExceeded, Malformed: It is no EIP-4361 message, or not one for this facade now.
            NotSignedIn: Another key signed, or the nonce was used, has expired or is not ours.
            NotEntitled: The key has no authority on the ledger.
            Unavailable: No node or database.
        """
        message = read_message(text)
        now = self._clock.now()
        self._check(message, now)
        if not self._has_signed(message, text, signature):
            raise NotSignedIn("the signature is not by the key that the message names")
        caller = self.caller_of(message.address)
        token = secrets.token_bytes(TOKEN_BYTES)
        session = StoredSession(digest(token), message.address, now + SESSION_LIFE_S)
        if not self._store.open(message.nonce, session, now=now):
            raise NotSignedIn("the nonce was used, has expired, or was not given out here")
        return Session(base64url(token), caller, session.expires_at)

    def caller(self, token: str) -> Caller:
        """Who sends this token, with the authority of their key at the newest block.

        Raises:
            NotSignedIn: The token is unknown or has expired.
            NotEntitled: The key has no authority any more.
            Unavailable: No node or database: nobody gets a right from an outage.
        """
        return self.caller_of(self.session(token).key)

    def session(self, token: str) -> StoredSession:
        """The session of a token. Raises `NotSignedIn` or `Unavailable`."""
        raw = from_base64url(token, TOKEN_BYTES)
        found = None if raw is None else self._store.find(digest(raw), now=self._clock.now())
        if found is None:
            raise NotSignedIn("the token is unknown or has expired: sign in again")
        return found

    def end(self, token: str) -> None:
        """Sign out; an unknown token is nothing to end."""
        raw = from_base64url(token, TOKEN_BYTES)
        if raw is not None:
            self._store.end(digest(raw))

    def _check(self, message: SignInMessage, now: int) -> None:
        faults = []
        if message.domain != self._domain:
            faults.append(Fault("other_domain", "/message/domain", f"this is {self._domain}"))
        if message.uri.rstrip("/") != self.public_url:
            faults.append(Fault("other_uri", "/message/uri", f"this is {self.public_url}"))
        if message.chain_id != self._reader.chain_id():
            faults.append(Fault("other_chain", "/message/chain_id", f"this is chain {self._reader.chain_id()}"))
        if not now - NONCE_LIFE_S <= message.issued_at <= now + CLOCK_SKEW_S:
            faults.append(Fault("not_fresh", "/message/issued_at", "issued too long ago, or in the future"))
        if message.expires_at is not None and message.expires_at <= now:
            faults.append(Fault("expired", "/message/expiration_time", "the message has expired"))
        if message.not_before is not None and message.not_before > now:
            faults.append(Fault("too_early", "/message/not_before", "the message does not count yet"))
        if faults:
            raise Malformed(*faults)

    def _has_signed(self, message: SignInMessage, text: str, signature: bytes) -> bool:
        hashed = message_digest(text)
        if signer_of(hashed, signature) == message.address:
            return True
        return len(signature) <= MAX_SIGNATURE_BYTES and self._wallet_takes(message.address, hashed, signature)

    def _wallet_takes(self, wallet: Address, hashed: bytes, signature: bytes) -> bool:
        """Whether the contract at this address says that the signature is its own (ERC-1271)."""
        padded = signature + bytes(-len(signature) % 32)
        arguments = hashed + (64).to_bytes(32, "big") + len(signature).to_bytes(32, "big") + padded
        try:
            answer = self._writer.simulate(wallet, wallet, IS_VALID_SIGNATURE + arguments)
        except ActRefused:
            return False
        return answer == IS_VALID_SIGNATURE.ljust(32, b"\0")

    def caller_of(self, key: Address) -> Caller:
        """A key with its authority at the newest block. Raises `NotEntitled` if it has none, or `Unavailable`."""
        head = self._reader.head()
        # On an idle chain the newest block is old: a validity that has ended since then has ended.
        instant = max(self._clock.now(), head.time)
        found = self._reader.call(PARTICIPANTS, "authorityAt", (key, instant), at=head)
        if not found["participant"] or not found["roles"]:
            raise NotEntitled("the ledger gives this key no authority now")
        return Caller(key, ParticipantId(found["participant"]), Role(found["roles"]), found["office"])
