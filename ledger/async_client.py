"""The client for asyncio: the same calls, the same answers, the same errors.

    async with AsyncClient("http://127.0.0.1:8000", signer=key) as facade:
        print(await facade.who())

Each call runs the synchronous client's in a worker thread, so that there is one place that knows the API; lists come
page by page. Calls of one client may run side by side.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, ParamSpec, Self

from ledger.client import Client
from ledger.client_connection import TIMEOUT_S
from ledger.domain.errors import Unavailable
from ledger.ports.signer import Signer
from ledger.services.signed_act import SignedAct

P = ParamSpec("P")
END: Final = object()


class AsyncClient:
    """One facade. See `ledger.client.Client` for what each call gives and raises."""

    def __init__(self, url: str, *, signer: Signer | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """Talk to the facade at `url`, as `signer` where it asks who reads."""
        self._client = Client(url, signer=signer, timeout_s=timeout_s)

    async def __aenter__(self) -> Self:
        """Use it, then close it."""
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Sign out, and give connections back."""
        await asyncio.to_thread(self._client.close)

    async def sign_in(self) -> dict[str, Any]:
        """Sign in; other calls do it by themselves."""
        return await asyncio.to_thread(self._client.sign_in)

    async def sign_out(self) -> None:
        """End the session, if there is one."""
        await asyncio.to_thread(self._client.sign_out)

    async def who(self) -> dict[str, Any]:
        """The signed-in key and its authority now."""
        return await asyncio.to_thread(self._client.who)

    async def verify(
        self, *, file: bytes | None = None, proof: bytes | None = None, at: str | None = None, **known: str
    ) -> dict[str, Any]:
        """Judge a document."""
        return await asyncio.to_thread(self._client.verify, file=file, proof=proof, at=at, **known)

    def verify_many(self, documents: Iterable[Mapping[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        """Judge many documents, an answer or a `problem` for each."""
        return _stepped(self._client.verify_many, documents)

    async def state(self, entity: str, *, at: str | None = None) -> dict[str, Any]:
        """State of a declaration, permit or document."""
        return await asyncio.to_thread(self._client.state, entity, at=at)

    def history(self, entity: str, *, at: str | None = None) -> AsyncIterator[dict[str, Any]]:
        """Every act, oldest first."""
        return _stepped(self._client.history, entity, at=at)

    def listed(self, what: str, **filters: str | int | None) -> AsyncIterator[dict[str, Any]]:
        """Every row of a list that the caller may see, newest first."""
        return _stepped(self._client.listed, what, **filters)

    async def rule_version(self, *, as_of: str | None = None) -> int:
        """Version of the rule book in force."""
        return await asyncio.to_thread(self._client.rule_version, as_of=as_of)

    async def participant(self, number: int, *, as_of: str | None = None) -> dict[str, Any]:
        """A participant."""
        return await asyncio.to_thread(self._client.participant, number, as_of=as_of)

    async def versions(self, case: str, *, as_of: str | None = None) -> dict[str, Any]:
        """Legal versions of a declaration."""
        return await asyncio.to_thread(self._client.versions, case, as_of=as_of)

    async def held(self, case: str, *, as_of: str | None = None) -> dict[str, Any]:
        """Why the goods of a declaration are held."""
        return await asyncio.to_thread(self._client.held, case, as_of=as_of)

    async def account(self, participant: int, *, as_of: str | None = None) -> dict[str, Any]:
        """What a participant owes and has prepaid."""
        return await asyncio.to_thread(self._client.account, participant, as_of=as_of)

    async def statement(self, participant: int, first: str, until: str | None = None) -> dict[str, Any]:
        """A participant's account over a period."""
        return await asyncio.to_thread(self._client.statement, participant, first, until)

    async def supply(self, *, as_of: str | None = None) -> dict[str, Any]:
        """Supply of the settlement token."""
        return await asyncio.to_thread(self._client.supply, as_of=as_of)

    def acts_of_compromised(self, key: str) -> AsyncIterator[dict[str, Any]]:
        """Acts of a key between its compromise and the notice of it."""
        return _stepped(self._client.acts_of_compromised, key)

    async def services(self) -> list[dict[str, Any]]:
        """Service passports."""
        return await asyncio.to_thread(self._client.services)

    async def duty(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What duty would be owed."""
        return await asyncio.to_thread(self._client.duty, asked)

    def contradictions(self, *, about: str | None = None) -> AsyncIterator[dict[str, Any]]:
        """Where documents contradict one another."""
        return _stepped(self._client.contradictions, about=about)

    def contradictions_found(
        self, *, again: Callable[[Unavailable], None] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Contradictions as they are found, without end; `again` is called in a thread."""
        return _stepped(self._client.contradictions_found, again=again)

    def events(
        self, *, after: str | None = None, again: Callable[[Unavailable], None] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Acts as they become final, without end; `again` is called in a thread."""
        return _stepped(self._client.events, after=after, again=again)

    async def webhooks(self) -> list[dict[str, Any]]:
        """Webhooks of the client's key."""
        return await asyncio.to_thread(self._client.webhooks)

    async def add_webhook(
        self, url: str, *, tells: str = "acts", after: str | None = None, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """Be told of acts, or of contradictions, at an address."""
        return await asyncio.to_thread(
            self._client.add_webhook, url, tells=tells, after=after, idempotency_key=idempotency_key
        )

    async def replay_webhook(self, webhook: str, after: str, *, idempotency_key: str | None = None) -> None:
        """Tell a webhook everything after a cursor."""
        await asyncio.to_thread(self._client.replay_webhook, webhook, after, idempotency_key=idempotency_key)

    async def remove_webhook(self, webhook: str, *, idempotency_key: str | None = None) -> None:
        """End a webhook."""
        await asyncio.to_thread(self._client.remove_webhook, webhook, idempotency_key=idempotency_key)

    async def lodge(
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
        """Seal a WCO message and prepare its acts."""
        return await asyncio.to_thread(
            self._client.lodge,
            message,
            importer=importer,
            customs=customs,
            office=office,
            lrn_mac=lrn_mac,
            carrier=carrier,
            lodged=lodged,
            proof=proof,
            idempotency_key=idempotency_key,
        )

    async def responses(self, case: str, *, currency: str = "UZS") -> dict[str, Any]:
        """Customs' answers on a declaration."""
        return await asyncio.to_thread(self._client.responses, case, currency=currency)

    async def prepare(
        self, contract: str, function: str, args: Mapping[str, Any], *, valid_for_s: int = 900
    ) -> dict[str, Any]:
        """An act to sign, and what stands against it now."""
        return await asyncio.to_thread(self._client.prepare, contract, function, args, valid_for_s=valid_for_s)

    async def relay(self, act: SignedAct, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Hand over a signed act."""
        return await asyncio.to_thread(self._client.relay, act, idempotency_key=idempotency_key)

    async def act(self, act_id: bytes) -> dict[str, Any]:
        """What became of an act."""
        return await asyncio.to_thread(self._client.act, act_id)

    def follow(self, act_id: bytes) -> AsyncIterator[dict[str, Any]]:
        """An act's states, as they come."""
        return _stepped(self._client.follow, act_id)

    async def wait(self, act_id: bytes, *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """Follow an act until it has ended."""
        return await asyncio.to_thread(self._client.wait, act_id, timeout_s=timeout_s)

    async def ready(self) -> dict[str, Any]:
        """Whether the facade can do its work."""
        return await asyncio.to_thread(self._client.ready)


async def _stepped(
    make: Callable[P, Iterator[dict[str, Any]]], *args: P.args, **kwargs: P.kwargs
) -> AsyncIterator[dict[str, Any]]:
    """An iterator, each step of it in a worker thread."""
    steps = make(*args, **kwargs)
    while (found := await asyncio.to_thread(next, steps, END)) is not END:
        yield found  # type: ignore[misc]  # END is an object() that no type tells from an item; it is excluded above
