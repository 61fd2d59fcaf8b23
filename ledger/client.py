"""Python client of a facade's HTTP API. Answers are the API's own JSON; problems are raised as our errors.

    with Client("http://127.0.0.1:8000") as facade:
        answer = facade.verify(file=b"…", proof=b"…")
        print(answer["overall"])

With a signer it signs in by itself where the facade asks who reads (EIP-4361), for the facade at its own URL only.
It signs no act and trusts nothing: a prepared act is described by the client's own codec before it is signed.
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

import httpx

from ledger.client_connection import TIMEOUT_S, Connection, object_of
from ledger.domain.errors import Fault, Malformed, Unavailable
from ledger.ports.signer import Signer
from ledger.services.signed_act import SignedAct

POLL_S: Final = 0.1
PAGE: Final = 500
"""Rows asked for at once."""
AT_ONCE: Final = 256
"""Documents judged by one request: a facade answers as many at one block."""
LISTS: Final = (
    "participants",
    "powers",
    "rules",
    "regimes",
    "code-lists",
    "declarations",
    "permits",
    "permit-applications",
    "documents",
    "document-statuses",
    "debts",
    "payments",
    "guarantees",
    "refunds",
    "settlement/moves",
    "audit/fallbacks",
    "audit/compromised-keys",
)
"""What can be listed."""
OWN_KEYS: Final = re.compile(r"participants/[0-9]+/keys")
OVER: Final = frozenset({"FINAL", "REFUSED", "CONFLICT"})
"""States in which nothing more becomes of an act."""


class Client(Connection):
    """One facade. Every method raises `Unavailable` when it does not answer."""

    def signed_in_as(self, signer: Signer) -> "Client":
        """A client of the same facade over the same connections, with a session of its own."""
        return Client(self._url, signer=signer, http=self._http)

    def who(self) -> dict[str, Any]:
        """The signed-in key and its authority now. Raises as `sign_in`."""
        return self._ask("GET", "/v1/session")

    def verify(
        self, *, file: bytes | None = None, proof: bytes | None = None, at: str | None = None, **known: str
    ) -> dict[str, Any]:
        """Judge a document: see `POST /v1/verify`.

        Args:
            file: The document; a PDF may carry its proof.
            proof: Its proof file.
            at: Past instant for the status.
            **known: `record`, `mrn` or `permit` in place of file and proof, for a client that signs in.

        Raises:
            Malformed: Nothing was given.
            NotFound: Nothing is known under that name, or it is not for this key.
        """
        if self._signer is not None and self._token is None:
            self.sign_in()  # the route is open to all, and tells those more who have a right to more
        files = {name: data for name, data in (("file", file), ("proof", proof)) if data is not None}
        return self._ask("POST", "/v1/verify", files=files or None, data={**_given(at=at), **known} or None)

    def verify_many(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Judge many documents, in groups as they come; an answer or a `problem` for each, in the same order.

        Args:
            documents: `id`, and `proof` (the JSON of a proof file), `sha256` (hex), `at`, or for a client that signs
                in `record`, `mrn` or `permit`, as needed: see `POST /v1/verify/many`.
        """
        if self._signer is not None and self._token is None:
            self.sign_in()
        # The facade answers a group while the next one still comes; who sends all before reading would block it.
        waiting = iter(documents)
        while group := list(islice(waiting, AT_ONCE)):
            body = b"".join(json.dumps(dict(document)).encode() + b"\n" for document in group)
            headers = {"Content-Type": "application/x-ndjson"}
            answer = self._answer("POST", "/v1/verify/many", content=body, headers=headers)
            yield from map(json.loads, answer.content.splitlines())

    def state(self, entity: str, *, at: str | None = None) -> dict[str, Any]:
        """State of `declarations/<case>`, `permits/0x…` or `documents/<issuer>/0x…`. Raises `NotFound`."""
        return self._ask("GET", f"/v1/{quote(entity)}", params=_given(as_of=at))

    def history(self, entity: str, *, at: str | None = None) -> Iterator[dict[str, Any]]:
        """Every act, oldest first, page by page: of `declarations/<case>`, `permits/0x…` or `documents/0x…`.

        Raises:
            NotFound: The facade knows no such entity.
        """
        return self._acts(f"/v1/{quote(entity)}/history", _given(as_of=at))

    def _acts(self, path: str, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        after: dict[str, str] = {}
        while True:
            page = self._ask("GET", path, params={**asked, **after, "limit": PAGE})
            yield from page["acts"]
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    def listed(self, what: str, **filters: str | int | None) -> Iterator[dict[str, Any]]:
        """Every row of a list that the caller may see, newest first, page by page.

        Args:
            what: One of `LISTS`, or `participants/<id>/keys`.
            filters: As the path takes them: `state`, `importer`, `as_of` and so on; None: not asked for.

        Raises:
            Malformed: There is no such list, or no such filter.
        """
        if what not in LISTS and OWN_KEYS.fullmatch(what) is None:
            raise Malformed(Fault("unknown_list", "/what", f"one of {', '.join(LISTS)}; or participants/ID/keys"))
        asked = {name: value for name, value in filters.items() if value is not None}
        after: dict[str, str] = {}
        while True:
            page = self._ask("GET", f"/v1/{quote(what)}", params={**asked, **after, "limit": PAGE})
            yield from page["items"]
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    def rule_version(self, *, as_of: str | None = None) -> int:
        """Version of the rule book in force, now or as of an instant."""
        page = self._ask("GET", "/v1/rules", params={**_given(as_of=as_of), "limit": 1})
        return int(page["rule_version"])

    def participant(self, number: int, *, as_of: str | None = None) -> dict[str, Any]:
        """A participant. Raises `NotFound`."""
        return self._ask("GET", f"/v1/participants/{number}", params=_given(as_of=as_of))

    def versions(self, case: str, *, as_of: str | None = None) -> dict[str, Any]:
        """Legal versions of a declaration. Raises `NotFound`."""
        return self._ask("GET", f"/v1/declarations/{quote(case)}/versions", params=_given(as_of=as_of))

    def held(self, case: str, *, as_of: str | None = None) -> dict[str, Any]:
        """Why the goods of a declaration are held, in words. Raises `NotFound`."""
        return self._ask("GET", f"/v1/declarations/{quote(case)}/held", params=_given(as_of=as_of))

    def account(self, participant: int, *, as_of: str | None = None) -> dict[str, Any]:
        """What a participant owes and has prepaid. Raises `NotFound`."""
        return self._ask("GET", f"/v1/accounts/{participant}", params=_given(as_of=as_of))

    def statement(self, participant: int, first: str, until: str | None = None) -> dict[str, Any]:
        """A participant's account over a period, both ends inclusive. Raises `NotFound`, `Malformed`."""
        period = {"from": first, **_given(until=until)}
        return self._ask("GET", f"/v1/accounts/{participant}/statement", params=period)

    def supply(self, *, as_of: str | None = None) -> dict[str, Any]:
        """Supply of the settlement token. Raises `NotFound` for who may not see it."""
        return self._ask("GET", "/v1/settlement/supply", params=_given(as_of=as_of))

    def acts_of_compromised(self, key: str) -> Iterator[dict[str, Any]]:
        """Acts of a key between its compromise and the notice of it, oldest first. Raises `NotFound`."""
        return self._acts(f"/v1/audit/compromised-keys/{key}/acts", {})

    def services(self) -> list[dict[str, Any]]:
        """Service passports."""
        return list(self._ask("GET", "/v1/services")["services"])

    def duty(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What duty would be owed: see `POST /v1/duty/calculate`. Raises `Malformed`."""
        return self._ask("POST", "/v1/duty/calculate", json=dict(asked))

    def contradictions(self, *, about: str | None = None) -> Iterator[dict[str, Any]]:
        """Where documents contradict one another, in the order noted: see `GET /v1/contradictions`.

        Args:
            about: Only about this consignment: `ucr:…` or `mrn:…`.
        """
        after: str | None = None
        while True:
            page = self._ask("GET", "/v1/contradictions", params=_given(about=about, after=after, limit="500"))
            yield from page["contradictions"]
            after = page["next"]
            if after is None:
                return

    def contradictions_found(self, *, again: Callable[[Unavailable], None] | None = None) -> Iterator[dict[str, Any]]:
        """Contradictions that the client's key may see: those found before, then each as it is found, without end.

        Args:
            again: Called when the facade breaks off, before it is asked for what came since; waits, or raises.

        Raises:
            NotEntitled: The ledger gives the key no authority (any more).
            Malformed: The facade has begun to read its documents anew: call again.
            Unavailable: The facade broke off, and there is no `again`, or it has told nothing yet: call again.
        """
        after: str | None = None
        while True:
            try:
                self.who()  # signs in if need be
                for event in self._followed("/v1/contradictions/events", _given(after=after)):
                    after = event.id
                    yield event.data
            except Unavailable as error:
                if again is None or after is None:
                    raise
                again(error)

    def lodge(
        self,
        message: bytes,
        *,
        importer: int,
        customs: int,
        lrn_mac: bytes | None = None,
        office: int | None = None,
        carrier: int = 0,
        lodged: bytes | None = None,
        proof: bytes | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Seal a WCO message and prepare its acts: see `POST /v1/lodgements`.

        Args:
            message: A `DEC` message.
            importer: Participant whose goods they are.
            customs: Customs, which has to be able to read it.
            lrn_mac: The local reference of an original, blinded (`ledger.domain.trade.references.blind_lrn`).
            office: Office of customs where an original is lodged, which needs it; of a request, its declaration's.
            carrier: May confirm arrival and exit; 0: customs alone, or, of a request, its declaration's.
            lodged: For an amendment alone: the version that it amends, as an original message.
            proof: Likewise: proof file of the header of the version in force, where the facade cannot read that record.
            idempotency_key: The same one with the same message is sealed once.

        Raises:
            Malformed: With all faults, each with its WCO path.
            Conflict: The key stands for another message.
            InProgress: A request under the key is being worked on: call again.
        """
        given = {"message": message, "lodged": lodged, "proof": proof}
        files = {name: content for name, content in given.items() if content is not None}
        where = {} if office is None else {"office": office}
        reference = {} if lrn_mac is None else {"lrn_mac": lrn_mac.hex()}
        data = {"importer": importer, "customs": customs, "carrier": carrier, **where, **reference}
        return self._ask("POST", "/v1/lodgements", files=files, data=data, headers=_once(idempotency_key))

    def responses(self, case: str, *, currency: str = "UZS") -> dict[str, Any]:
        """Customs' answers on a declaration, each as a WCO `RES` message. Raises `NotFound`."""
        return self._ask("GET", f"/v1/declarations/{quote(case)}/responses", params={"currency": currency})

    def prepare(
        self, contract: str, function: str, args: Mapping[str, Any], *, valid_for_s: int = 900
    ) -> dict[str, Any]:
        """An act to sign, in the name of the client's key, and what stands against it now: see `POST /v1/acts/…`.

        Describe it by a codec of your own before you sign it: the facade is trusted for nothing.

        Raises:
            Malformed: With every argument that does not fit.
            NotFound: There is no such act.
        """
        path = f"/v1/acts/{quote(contract, safe='')}/{quote(function, safe='')}"
        return self._ask("POST", path, json=dict(args), params={"valid_for_s": valid_for_s})

    def relay(self, act: SignedAct, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Hand over a signed act; durable when this returns. Raises `ActRefused` or `Conflict`."""
        body = {
            "target": act.target,
            "actor": act.actor,
            "nonce": str(act.nonce),
            "deadline": act.deadline,
            "gas": act.gas,
            "data": f"0x{act.data.hex()}",
            "signature": f"0x{act.signature.hex()}",
        }
        return self._ask("POST", "/v1/acts", json=body, headers=_once(idempotency_key))

    def act(self, act_id: bytes) -> dict[str, Any]:
        """What became of an act. Raises `NotFound`."""
        return self._ask("GET", f"/v1/acts/0x{act_id.hex()}")

    def follow(self, act_id: bytes) -> Iterator[dict[str, Any]]:
        """An act's states, from the present one to its end, as they come.

        Raises:
            NotFound: There is none for this key.
            NotEntitled: The right to follow it ended meanwhile.
            Unavailable: The facade broke off, or has too many streams open: call again.
        """
        state: str | None = None
        while state not in OVER:
            self.act(act_id)  # signs in if need be, and tells what is wrong before anything streams
            for event in self._followed(f"/v1/acts/0x{act_id.hex()}/events", {}):
                if event.data["state"] != state:
                    state = event.data["state"]
                    yield event.data

    def events(
        self, *, after: str | None = None, again: Callable[[Unavailable], None] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Acts that the client's key may see, as they become final, without end: `id` and `act` of each.

        Args:
            after: Cursor: the `id` of the last event that was received, `0.0` for the first act of all; None: from now.
            again: Called when the facade breaks off, before it is asked for what came since; waits, or raises.

        Raises:
            NotEntitled: The ledger gives the key no authority (any more).
            Unavailable: The facade broke off, and there is no `again`, or it never said where to go on from; call again
                with the last `id`.
        """
        while True:
            try:
                self.who()  # signs in if need be
                for event in self._followed("/v1/events", _given(after=after)):
                    after = event.id or after
                    if event.name == "act":
                        yield event.data
            except Unavailable as error:
                if again is None or after is None:
                    raise
                again(error)

    def webhooks(self) -> list[dict[str, Any]]:
        """Webhooks of the client's key."""
        return list(self._ask("GET", "/v1/webhooks")["webhooks"])

    def add_webhook(
        self, url: str, *, tells: str = "acts", after: str | None = None, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """Be told at an address: the webhook and the secret that signs its deliveries. Raises `Malformed`.

        Args:
            url: One that the facade's operator allows.
            tells: `acts` or `contradictions`.
            after: `id` of an event of that kind; by default acts from now on, contradictions from the first.
            idempotency_key: The same one is the same webhook.
        """
        wanted = {"url": url, "tells": tells, "after": after}
        return self._ask("POST", "/v1/webhooks", json=wanted, headers=_once(idempotency_key))

    def replay_webhook(self, webhook: str, after: str, *, idempotency_key: str | None = None) -> None:
        """Tell a webhook everything after a cursor, also if it was paused. Raises `NotFound`."""
        path = f"/v1/webhooks/{quote(webhook, safe='')}/replay"
        self._ask("POST", path, json={"after": after}, headers=_once(idempotency_key))

    def remove_webhook(self, webhook: str, *, idempotency_key: str | None = None) -> None:
        """End a webhook. Raises `NotFound`."""
        self._ask("DELETE", f"/v1/webhooks/{quote(webhook, safe='')}", headers=_once(idempotency_key))

    def wait(self, act_id: bytes, *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """Follow an act until it is FINAL, REFUSED or CONFLICT. Raises `Unavailable` when the time is over."""
        until = time.monotonic() + timeout_s
        while True:
            told = self.act(act_id)
            if told["state"] in OVER:
                return told
            if time.monotonic() > until:
                raise Unavailable(f"the act is {told['state']} after {timeout_s:g} s; it is carried on")
            time.sleep(POLL_S)

    def ready(self) -> dict[str, Any]:
        """Whether the facade can do its work; answers also when it cannot."""
        try:
            answer = self._http.get("/health/ready")
        except httpx.HTTPError as error:
            raise Unavailable(f"the facade does not answer: {error}") from error
        return object_of(answer)


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _once(idempotency_key: str | None) -> dict[str, str]:
    return {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
