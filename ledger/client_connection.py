"""What the calls of the Python client share: connections to one facade, sign-in, streams, errors.

With a signer it signs in by itself where the facade asks who reads (EIP-4361), for the facade at its own URL only, and
again when a session has ended.
"""

import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

import httpx

from ledger.domain.errors import (
    ActRefused,
    Conflict,
    Fault,
    InProgress,
    LimitExceeded,
    Malformed,
    NotEntitled,
    NotFound,
    NotSignedIn,
    Refused,
    TamgaError,
    Tampered,
    TooMany,
    Unavailable,
)
from ledger.domain.siwe import read_message
from ledger.ports.signer import Signer

TIMEOUT_S: Final = 60.0
NO_CONTENT: Final = 204
ENDED: Final = "ended"
"""Name of the last event of a stream whose reader has no right to it any more."""


class Told(NamedTuple):
    """A server-sent event.

    Attributes:
        name: Its kind.
        id: Where a client goes on from; empty for none.
        data: What it tells.
    """

    name: str
    id: str
    data: dict[str, Any]


class Connection:
    """One facade. Whatever is asked raises `Unavailable` when it does not answer."""

    def __init__(
        self,
        url: str,
        *,
        signer: Signer | None = None,
        timeout_s: float = TIMEOUT_S,
        http: httpx.Client | None = None,
    ) -> None:
        """Talk to the facade at `url`, as `signer` where it asks who reads; over connections of its own, or `http`."""
        self._url, self._signer = url.rstrip("/"), signer
        self._token: str | None = None
        self._http = httpx.Client(base_url=url, timeout=timeout_s) if http is None else http

    def __enter__(self) -> Self:
        """Use it, then close it."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Sign out, and give connections back."""
        try:
            self.sign_out()
        finally:
            self._http.close()

    def sign_in(self) -> dict[str, Any]:
        """Sign in; other methods do it by themselves. Returns the caller as the facade sees it.

        Raises:
            NotSignedIn: There is no signer, or the facade does not take its signature.
            NotEntitled: The ledger gives the key no authority.
            Refused: The facade asks to sign in somewhere else: it may be passing our signature on.
        """
        if self._signer is None:
            raise NotSignedIn("the facade asks who reads, and this client has no key")
        asked = object_of(self._send("POST", "/v1/session/nonce", json={"address": self._signer.address}))
        message = read_message(asked["message"])
        if (message.domain, message.uri, message.address) != (
            urlsplit(self._url).netloc,
            self._url,
            self._signer.address,
        ):
            raise Refused(f"the facade at {self._url} asks {message.address} to sign in to {message.uri}")
        signature = self._signer.sign_message(asked["message"])
        signed = {"message": asked["message"], "signature": f"0x{signature.hex()}"}
        session = object_of(self._send("POST", "/v1/session", json=signed))
        self._token = session["token"]
        return dict(session["caller"])

    def sign_out(self) -> None:
        """End the session, if there is one; one that cannot be ended now ends by itself."""
        if self._token is not None:
            token, self._token = self._token, None
            try:
                self._http.delete("/v1/session", headers={"Authorization": f"Bearer {token}"})
            except httpx.HTTPError:
                return

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The JSON object of an answer; none for an answer without content. Raises as `_answer`."""
        answer = self._answer(method, path, **request)
        return {} if answer.status_code == NO_CONTENT else object_of(answer)

    def _answer(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Ask; sign in and ask again if the facade wants to know who reads. Raises what its problem stands for."""
        try:
            return self._send(method, path, **request)
        except NotSignedIn:
            if self._signer is None:
                raise
        self.sign_in()
        return self._send(method, path, **request)

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = dict(request.pop("headers", {}))
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            answer = self._http.request(method, path, headers=headers, **request)
        except httpx.HTTPError as error:
            raise Unavailable(f"the facade does not answer: {error}") from error
        if answer.is_success:
            return answer
        raise error_of(answer.status_code, object_of(answer))

    def _stream(self, path: str, params: Mapping[str, str]) -> Iterator[Told]:
        """Each server-sent event, until the facade ends the stream. Raises `Unavailable` if it breaks off."""
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        try:
            with self._http.stream("GET", path, headers=headers, params=params) as answer:
                if not answer.is_success:
                    answer.read()
                    raise error_of(answer.status_code, object_of(answer))
                fields: dict[str, str] = {}
                for line in answer.iter_lines():
                    field, _, value = line.partition(": ")
                    if line:
                        fields[field] = value
                    elif "data" in fields:
                        yield Told(fields.get("event", ""), fields.get("id", ""), json.loads(fields["data"]))
                    if not line:
                        fields = {}
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"the facade broke off: {error}") from error

    def _followed(self, path: str, params: Mapping[str, str]) -> Iterator[Told]:
        """The same, until its stream or the client's session ends: then it can be asked for again.

        Raises:
            NotEntitled: The right to it ended.
        """
        for event in self._stream(path, params):
            if event.name != ENDED:
                yield event
            elif event.data["code"] != NotSignedIn.code:
                raise NotEntitled("the right to follow this ended")


def error_of(status: int, problem: Mapping[str, Any]) -> TamgaError:
    """The error that a problem document stands for."""
    detail = str(problem.get("detail", f"HTTP {status}"))
    match problem.get("code"):
        case "malformed" if problem.get("faults"):
            return Malformed(*(Fault(f["code"], f["path"], f["text"]) for f in problem["faults"]))
        case "act_refused" if problem.get("error"):
            first, *others = (
                ActRefused(e["name"], e["arguments"]) for e in [problem["error"], *problem.get("others", [])]
            )
            return ActRefused(first.error, first.arguments, others)
        case "not_found" if detail.startswith("no "):
            what, _, key = detail.removeprefix("no ").rpartition(" ")
            return NotFound(what, key)
        case "not_signed_in":
            return NotSignedIn(detail)
        case "not_entitled":
            return NotEntitled(detail)
        case "limit_exceeded" if isinstance(limit := problem.get("limit"), int):
            return LimitExceeded(detail.removesuffix(LimitExceeded("", limit).args[0]), limit)
        case "conflict":
            return Conflict(detail)
        case "in_progress":
            return InProgress(detail)
        case "too_many":
            return TooMany(detail)
        case "tampered":
            return Tampered(detail)
        case _:
            passes = problem.get("retryable") or status >= 500
            return Unavailable(detail) if passes else Refused(detail)


def object_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object that a facade answered. Raises `Unavailable` if it is none: something else answers there."""
    try:
        body = answer.json()
    except ValueError as error:
        raise Unavailable(f"the facade answered HTTP {answer.status_code} without JSON") from error
    if not isinstance(body, dict):
        raise Unavailable(f"the facade answered HTTP {answer.status_code} with something else than an object")
    return body
