"""Schemathesis over the whole interface: no failure, whoever asks.

given the facade of the main job, and a caller: nobody, a customs officer, a trader
  when every operation is sent what its description allows and what it does not, alone and one after the other
    → no server error; each answer as described; what is not allowed refused; no right without a sign-in
  when answers are followed along the links of the description, from requests that the ledger can answer
    → likewise, and it does get from one to the next
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.support.clone import ROOT
from tests.support.played import Played, played

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]

EXAMPLES, LONG_EXAMPLES = 2, 60
SEED = 20261125
PATIENCE_S = 60
"""Above the facade's own bound on an answer: by itself Schemathesis gives up after 10 s, as a network error."""
SIGN_OUT = "sign_out_v1_session_delete"
"""Left out for who is signed in: everything after it would be asked by nobody."""
STREAMS = ("events_v1_events_get", "events_v1_contradictions_events_get")
"""Left out for who is signed in: they do not end. All three are asked by nobody, and tested elsewhere."""
QUICK = "examples,fuzzing"
THOROUGH = "examples,coverage,fuzzing"
PHASES = f"{THOROUGH},stateful"
"""Coverage sends some seventy requests to each operation: once here, for each caller with --long."""
FOLLOWED = {"anonymous": 1, "importer": 8}
"""Links that a caller gets along at least: a nonce's alone, or those of lists, acts, webhooks and its lodgement."""
CHAINS = 40
ACTS = "^/v1/acts/[A-Z]"
"""Left out where links are followed: each prepares as `POST /v1/prepare` does, and there are over a hundred of them."""
CONFIG = ROOT / "tests" / "support" / "schemathesis.toml"
HOOKS = {"PYTHONWARNINGS": "", "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_lines"}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played(tmp_path_factory.mktemp("schemathesis")) as made:
        yield made


def run(
    ledger: Played,
    caller: str,
    examples: int,
    folder: Path,
    *,
    phases: str = PHASES,
    more: Sequence[str] = (),
    environment: Mapping[str, str] = HOOKS,
) -> str:
    """One run of Schemathesis without a failure; returns what it says."""
    with ledger.client(ledger.callers()[caller]) as client:
        argv = [
            str(Path(sys.executable).with_name("st")),
            "--config-file",
            str(CONFIG),
            "run",
            f"{ledger.url}/openapi.json",
        ]
        argv += ["-n", str(examples), "--seed", str(SEED), "--phases", phases, *more]
        argv += ["--continue-on-failure", "--no-color", "--request-timeout", str(PATIENCE_S)]
        if "Authorization" in client.headers:
            argv += ["-H", f"Authorization: {client.headers['Authorization']}"]
            for operation in (SIGN_OUT, *STREAMS):
                argv += ["--exclude-operation-id", operation]
        done = subprocess.run(argv, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    return done.stdout


@pytest.mark.parametrize(
    ("caller", "phases"), [("anonymous", QUICK), ("customs-officer", QUICK), ("importer", THOROUGH)]
)
def test_no_failure(ledger: Played, caller: str, phases: str, tmp_path: Path) -> None:
    run(ledger, caller, EXAMPLES, tmp_path, phases=phases)


@pytest.mark.parametrize("caller", FOLLOWED)
def test_links_lead_from_one_to_the_next(ledger: Played, caller: str, tmp_path: Path) -> None:
    signer = ledger.callers()[caller] or ledger.seat("importer")
    with ledger.client(signer) as client:
        participant = client.get("/v1/session").raise_for_status().json()["participant"]
    hooks = {**HOOKS, "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_links"}
    hooks |= {"TAMGA_TEST_KEY": signer.address, "TAMGA_TEST_PARTICIPANT": str(participant)}
    more = ["--mode", "positive", "--exclude-path-regex", ACTS]
    told = run(ledger, caller, CHAINS, tmp_path, phases="stateful", more=more, environment=hooks)
    found = re.search(r"API Links: +([0-9]+) covered", told)
    assert found is not None, told
    print(found[0])
    assert int(found[1]) >= FOLLOWED[caller], told


@pytest.mark.long
@pytest.mark.timeout(7200)  # half an hour each on two free cores
@pytest.mark.parametrize("caller", ["anonymous", "importer", "customs-revenue", "quarantine-officer", "auditor"])
def test_no_failure_in_many_more(ledger: Played, caller: str, tmp_path: Path) -> None:
    run(ledger, caller, LONG_EXAMPLES, tmp_path)
