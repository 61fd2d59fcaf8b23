"""Batches by hand on a real engine: where documents come from, and what Ctrl-C leaves.

given terms that nobody can seal under
  when they are typed                   → all that is wrong is said at once, nothing is sealed
given a ring of another participant
  when something is sealed              → refused: its issuer could never open it
given documents of which some are not what their names say
  when they are anchored                → each is named with what is wrong, nothing is sealed
given a folder, an archive of thousands, standard input
  when it is anchored                    → sealed and anchored in one step, one proof for each document
  when it is anchored again              → what is sealed under the same terms is left out, what was not is taken
given a command that Ctrl-C stops, at any moment
  when it had told of a batch            → that batch is stored, and can be anchored
  when it had not                        → nothing unfinished is left, and the same command works again
given a batch that nobody anchored, in an issuer's name
  when it is opened                      → refused, as anybody may have made it; or said to be unproven
given documents that are named one by one
  when they are collected                → anchored in batches, full or after the deadline; the missing one is told
  when the process is killed             → what was accepted is anchored by the next one
  when the contract refuses their anchor → it is said, with the exit code of a refusal
given a key that another process uses
  when a batch is anchored with it       → the second one waits, says for whom, and anchors after it
  when documents are collected with it   → likewise, and none is accepted before
  when the first one was killed          → what it had accepted is anchored first
"""

import json
import os
import pty
import signal
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import QUARANTINE, Place, two_participants
from tests.support.terminal import Terminal

pytestmark = pytest.mark.integration
TYPE = ("--type", "851001", "--key", QUARANTINE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with two_participants(tmp_path_factory.mktemp("home")) as made:
        yield made


def archive_of(path: Path, size: int) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(size):
            archive.writestr(f"day/{number:05}.json", json.dumps({"of": path.name, "serial": number}))
    return path


def test_wrong_terms_are_all_told_at_once(place: Place, tmp_path: Path) -> None:
    tamga, paper = place.quarantine, str(tmp_path / "a.xml")
    Path(paper).write_text("<certificate/>")
    before = len(tamga.json("batches"))
    ends = ("--valid-from", "soon", "--valid-until", "2027-01-01T00:00:00")
    told = tamga.json("seal", paper, *TYPE, *ends, exits=2)
    assert [fault["path"] for fault in told["faults"]] == ["/valid_from", "/valid_until"]
    ended = tamga.json("anchor", paper, *TYPE, "--valid-until", "2020-01-01T00:00:00Z", exits=2)
    assert [(fault["code"], fault["path"]) for fault in ended["faults"]] == [("order", "/valid_until")]
    nobody = tamga.json("seal", paper, *TYPE, "--to", "998", "--to-record", "999", exits=1)
    assert (nobody["error"], "998, 999" in nobody["text"]) == ("not_found", True)
    for outside in ("999", "1000000"):
        tamga.run("seal", paper, "--type", outside, "--key", QUARANTINE, exits=2)
    assert len(tamga.json("batches")) == before


def test_nobody_seals_what_its_issuer_could_not_open(place: Place, tmp_path: Path) -> None:
    tamga, paper = place.quarantine, tmp_path / "a.xml"
    paper.write_text("<certificate/>")
    ring = str(place.home / "keyring" / "customs.json")
    before = len(tamga.json("batches"))
    for command in ("seal", "anchor"):
        told = tamga.json(command, str(paper), *TYPE, "--ring", ring, exits=2)
        assert [(fault["code"], fault["path"]) for fault in told["faults"]] == [("not_own_ring", "/ring")]
    tamga.run("collect", *TYPE, "--ring", ring, piped=f"{paper}\n".encode(), exits=2)
    assert len(tamga.json("batches")) == before


def test_all_bad_documents_are_named(place: Place, tmp_path: Path) -> None:
    tamga, folder = place.quarantine, tmp_path / "day"
    folder.mkdir()
    for name, text in (("a.json", "{}"), ("b.json", '{"a":'), ("c.json", '{"a":1}'), ("d.json", '{"a":1,"a":2}')):
        (folder / name).write_text(text)
    before = len(tamga.json("batches"))
    told = tamga.json("anchor", str(folder), *TYPE, exits=2)
    assert [(fault["code"], fault["path"].split("/")[1]) for fault in told["faults"]] == [
        ("syntax", "b.json"),
        ("duplicate_key", "d.json"),
    ]
    absent = tamga.json("anchor", str(folder / "e"), str(folder / "a.json"), str(folder / "f"), *TYPE, exits=1)
    assert all(str(folder / name) in absent["text"] for name in "ef")
    assert len(tamga.json("batches")) == before


def test_a_folder_is_anchored_in_one_step(place: Place, tmp_path: Path) -> None:
    tamga = place.quarantine
    for name in ("a.xml", "b/c.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"<certificate>{name}</certificate>")
    told = tamga.json("anchor", str(tmp_path), *TYPE)
    assert (told["size"], [each["name"] for each in told["documents"]]) == (2, ["a.xml", "b/c.xml"])
    assert told["block_number"] > 0
    again = tamga.json("anchor", told["manifest"], "--key", QUARANTINE)
    assert (again["tx_hash"], again["block_number"]) == (told["tx_hash"], told["block_number"])
    assert tamga.json("prove", told["manifest"])["written"] == 2
    assert [one["overall"] for one in tamga.lines("verify", str(tmp_path / "a.xml"), str(tmp_path / "b/c.xml"))] == [
        "VALID",
        "VALID",
    ]
    listed = {one["manifest"]: one for one in tamga.json("batches")}
    assert listed[told["manifest"]]["stored"] is True
    assert listed[told["manifest"]]["anchored"] is not None


def test_the_same_command_again_anchors_nothing_twice(place: Place, tmp_path: Path) -> None:
    tamga, folder = place.quarantine, tmp_path / "day"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.json").write_text(json.dumps({"again": number}))
    anchor = ("anchor", str(folder), *TYPE)
    first = tamga.json(*anchor)
    assert first["already"] == []
    again = tamga.json(*anchor)
    assert [again[name] for name in ("manifest", "tx_hash", "size")] == [first["manifest"], first["tx_hash"], 5]
    assert [(one["manifest"], one["documents"]) for one in again["already"]] == [(first["manifest"], 5)]
    shown = tamga.run(*anchor)
    assert f"5 document(s) were sealed before, in batch {first['manifest']}" in shown
    assert "--again" in shown

    # more of them, one elsewhere under another name and written otherwise, one erased
    (folder / "new.json").write_text('{"again": 5}')
    (folder / "0.json").rename(folder / "zero.json")
    (folder / "zero.json").write_text('{ "again" : 0 }')
    tamga.run("erase", first["manifest"], "--leaf", "3", "--reason", "sealed-in-error", "--key", QUARANTINE)
    more = tamga.json(*anchor)
    assert [one["name"] for one in more["documents"]] == ["3.json", "new.json"]
    assert [one["documents"] for one in more["already"]] == [4]
    assert {one["documents"] for one in tamga.json(*anchor)["already"]} == {4, 2}

    # other terms, or anew on purpose
    assert tamga.json(*anchor, "--to", str(place.customs_id))["size"] == 6
    assert tamga.json(*anchor, "--valid-until", "2030-01-01T00:00:00Z")["size"] == 6
    assert tamga.json(*anchor, "--again")["already"] == []

    # sealed, and never anchored: taken up
    (folder / "last.json").write_text('{"again": 6}')
    sealed = tamga.json("seal", str(folder / "last.json"), *TYPE)["manifest"]
    taken = tamga.json("anchor", str(folder / "last.json"), *TYPE)
    assert (taken["manifest"], bool(taken["tx_hash"])) == (sealed, True)
    (place.home / "batches" / "known.sqlite").write_bytes(b"damaged" * 1000)
    assert tamga.json("anchor", str(folder / "last.json"), *TYPE)["manifest"] == sealed


def test_two_recipients_with_different_rights(place: Place, tmp_path: Path) -> None:
    tamga, customs, them = place.quarantine, place.customs, str(place.customs_id)
    (tmp_path / "a.xml").write_text("<certificate/>")
    whole = tamga.json("anchor", str(tmp_path / "a.xml"), *TYPE, "--to", them)["manifest"]
    customs.run("open", whole, "--out", str(tmp_path / "whole.xml"))
    assert (tmp_path / "whole.xml").read_text() == "<certificate/>"
    record = tamga.json("anchor", str(tmp_path / "a.xml"), *TYPE, "--to-record", them)["manifest"]
    told = customs.json("open", record, "--out", str(tmp_path / "none.xml"), exits=1)
    assert (told["error"], (tmp_path / "none.xml").exists()) == ("not_opened", False)
    customs.run("open", record, "--record-only", "--out", str(tmp_path / "record.json"))
    assert json.loads((tmp_path / "record.json").read_text())["record"]["type"] == 851001


def test_what_nobody_anchored_is_opened_as_nobodys_word_alone(place: Place, tmp_path: Path) -> None:
    tamga, customs, out = place.quarantine, place.customs, tmp_path / "opened.xml"
    (tmp_path / "a.xml").write_text("<certificate>from anybody</certificate>")
    made = tamga.json("seal", str(tmp_path / "a.xml"), *TYPE, "--to", str(place.customs_id))["manifest"]
    told = customs.json("open", made, "--out", str(out), exits=1)
    assert (told["error"], "anchor" in told["text"], out.exists()) == ("not_found", True, False)
    nowhere = customs.but(TAMGA_RPC_URL="http://127.0.0.1:9")
    assert nowhere.json("open", made, "--out", str(out), exits=3)["error"] == "unavailable"
    assert nowhere.json("open", made, "--out", str(out), "--unproven")["anchored"] is None
    out.unlink()
    assert "not proven" in customs.run("open", made, "--out", str(out), "--unproven")
    out.unlink()
    tamga.run("anchor", made, "--key", QUARANTINE)
    assert customs.json("open", made, "--out", str(out))["anchored"].endswith("Z")
    invented = tamga.json("open", made, "--grant", "ab" * 32, "--out", str(tmp_path / "b.xml"), exits=1)
    assert (invented["error"], "grant in force" in invented["text"]) == ("not_found", True)


def test_progress_is_shown_on_a_terminal_only(place: Place, tmp_path: Path) -> None:
    made = archive_of(tmp_path / "ten.zip", 10)
    terminal, ours = pty.openpty()
    with place.quarantine.start("seal", str(made), *TYPE, stderr=ours) as running:
        assert running.stdout is not None
        assert b"sealed 10 document(s)" in running.stdout.read()
    os.close(ours)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert "sealing" in shown
    assert "10/10" in shown
    with place.quarantine.start("seal", str(made), *TYPE) as running:
        assert running.communicate()[1] == b""


def test_an_archive_of_thousands(place: Place, tmp_path: Path) -> None:
    tamga, made = place.quarantine, archive_of(tmp_path / "day.zip", 2_000)
    told = tamga.json("anchor", str(made), *TYPE)
    assert (told["size"], told["documents"]) == (2_000, None)
    assert len(Path(told["list"]).read_text().splitlines()) == 2_000
    tamga.json("prove", told["manifest"], "--leaf", "7", exits=2)  # came from no file: where to?
    proofs = tmp_path / "proofs"
    assert tamga.json("prove", told["manifest"], "--out", str(proofs))["written"] == 2_000
    (tmp_path / "00007.json").write_text('{ "serial" : 7, "of": "day.zip" }')
    proof = str(proofs / "day" / "00007.json.tamga.json")
    assert tamga.json("verify", str(tmp_path / "00007.json"), "--proof", proof)["overall"] == "VALID"
    whole = tamga.json("seal", str(made), *TYPE, "--whole")
    assert [each["name"] for each in whole["documents"]] == ["day.zip"]


def test_standard_input(place: Place, tmp_path: Path) -> None:
    tamga = place.quarantine
    told = tamga.json("anchor", "-", "--name", "note.txt", "--number", "N-1", *TYPE, piped=b"piped in")
    assert [(each["name"], each["file"]) for each in told["documents"]] == [("note.txt", None)]
    tamga.run("prove", told["manifest"], "--out", str(tmp_path))
    (tmp_path / "note.txt").write_bytes(b"piped in")
    assert tamga.json("verify", str(tmp_path / "note.txt"))["overall"] == "VALID"
    assert "--type" in tamga.json("anchor", "-", *TYPE[2:], exits=2, piped=b"x")["text"]


def test_wrong_archives_seal_nothing(place: Place, tmp_path: Path) -> None:
    tamga, before = place.quarantine, place.quarantine.json("batches")
    (tmp_path / "bad.zip").write_bytes(b"PK")
    told = tamga.json("seal", str(tmp_path / "bad.zip"), *TYPE, exits=2)
    assert "not a good zip file" in told["text"]
    with zipfile.ZipFile(tmp_path / "half.zip", "w") as archive:
        archive.writestr("good.json", "{}")
        archive.writestr("not.json", "{")
    tamga.json("seal", str(tmp_path / "half.zip"), *TYPE, exits=2)
    assert tamga.json("batches") == before


@pytest.mark.timeout(600)
def test_ctrl_c_loses_nothing_that_was_told(place: Place, tmp_path: Path) -> None:
    tamga, made = place.quarantine, archive_of(tmp_path / "many.zip", 3_000)
    cars = place.home / "content" / "cars"

    def started() -> subprocess.Popen[bytes]:
        """The command, at the moment at which its batch begins to be written."""
        running = tamga.start("anchor", str(made), *TYPE, "--again")
        while not list(cars.glob(".*")):
            assert running.poll() is None, running.communicate()
            time.sleep(0.001)
        return running

    def told_of(running: subprocess.Popen[bytes]) -> list[str]:
        out, err = running.communicate(timeout=60)
        # -SIGINT: stopped when it has done its work and the interpreter ends.
        assert running.returncode in (0, 130, -signal.SIGINT), (out, err)
        assert running.returncode != 130 or b"interrupted" in err
        return [line.split()[1].decode() for line in out.splitlines() if line.startswith(b"manifest ")]

    whole, began = started(), time.monotonic()
    told = told_of(whole)
    takes_s = time.monotonic() - began
    while_sealing = 0
    for step in range(12):  # from the first byte written to past the end of the command
        running = started()
        time.sleep(takes_s * step / 10)
        while_sealing += bool(list(cars.glob(".*")))
        os.killpg(running.pid, signal.SIGINT)
        told += told_of(running)
    assert while_sealing >= 2, "the first interrupts come at once"
    kept = {batch["manifest"]: batch for batch in tamga.json("batches")}
    assert set(told) <= {manifest for manifest, batch in kept.items() if batch["stored"]}
    assert list((place.home / "content" / "cars").glob(".*")) == []
    for manifest, batch in kept.items():
        done = tamga.json("anchor", manifest, "--key", QUARANTINE, exits=0 if batch["stored"] else 1)
        assert done.get("block_number") if batch["stored"] else "seal the documents again" in done["text"]
    anchored = [batch["anchored"] for batch in tamga.json("batches") if batch["stored"]]
    assert None not in anchored


def papers(folder: Path, size: int) -> list[Path]:
    made = [folder / f"paper {number}.json" for number in range(size)]
    for number, path in enumerate(made):
        path.write_text(json.dumps({"folder": folder.name, "serial": number}))
    return made


def listed(paths: list[Path]) -> bytes:
    return "".join(f"{path}\n" for path in paths).encode()


def test_documents_are_collected_as_they_come(place: Place, tmp_path: Path) -> None:
    tamga, names = place.quarantine, papers(tmp_path, 40)
    names.insert(7, tmp_path / "none.json")
    out = tamga.run("collect", *TYPE, "--full", "15", "--deadline", "20", piped=listed(names), exits=1)
    lines = {line["file"]: line for line in map(json.loads, out.splitlines())}
    assert lines.pop(str(tmp_path / "none.json"))["error"] == "not_found"
    assert len({(line["manifest"], line["leaf"]) for line in lines.values()}) == 40
    kept = {batch["manifest"]: batch for batch in tamga.json("batches")}
    mine = [kept[manifest] for manifest in dict.fromkeys(line["manifest"] for line in lines.values())]
    assert [batch["size"] for batch in mine] == [15, 15, 10]
    assert all(batch["stored"] and batch["anchored"] for batch in mine)
    assert tamga.json("prove", mine[0]["manifest"])["written"] == 15
    assert tamga.json("verify", str(names[0]))["overall"] == "VALID"


def test_what_was_accepted_is_anchored_though_the_process_is_killed(place: Place, tmp_path: Path) -> None:
    tamga, names = place.quarantine, papers(tmp_path, 60)
    told: list[str] = []
    for first in range(0, 60, 20):
        running = tamga.start("collect", *TYPE, "--full", "5", "--deadline", "20", stdin=subprocess.PIPE)
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(listed(names[first : first + 19]))  # the last batch stays open
        running.stdin.flush()
        wanted = 1 + first // 10
        told += [running.stdout.readline().decode() for _ in range(wanted)]
        running.kill()
        told += running.communicate()[0].decode().splitlines()
    accepted = [json.loads(line) for line in told if line.endswith(("}", "}\n"))]
    assert len(accepted) > 6
    assert tamga.run("collect", *TYPE) == ""  # takes up what was on its way
    kept = {batch["manifest"]: batch for batch in tamga.json("batches")}
    for line in accepted:
        batch = kept[line["manifest"]]
        assert batch["stored"]
        assert batch["anchored"], line


@contextmanager
def collecting(tamga: Terminal, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`tamga collect` at work; gone in the end, so that it keeps its key from nobody."""
    running = tamga.start("collect", *TYPE, *options, stdin=subprocess.PIPE)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def give(running: subprocess.Popen[bytes], paths: list[Path]) -> None:
    assert running.stdin is not None
    running.stdin.write(listed(paths))
    running.stdin.flush()


def accepted_by(running: subprocess.Popen[bytes], count: int) -> list[dict[str, Any]]:
    assert running.stdout is not None
    return [json.loads(running.stdout.readline()) for _ in range(count)]


def waits(running: subprocess.Popen[bytes]) -> None:
    assert running.stderr is not None
    line = running.stderr.readline()
    assert b"in use by" in line, line
    assert running.poll() is None


def test_a_key_in_use_is_waited_for(place: Place, tmp_path: Path) -> None:
    tamga, names = place.quarantine, papers(tmp_path, 3)
    with collecting(tamga, "--deadline", "0.1") as first:
        give(first, names[:1])
        told = accepted_by(first, 1)
        anchoring = tamga.start("anchor", str(names[1]), *TYPE)
        waits(anchoring)
        assert first.communicate(timeout=60) == (b"", b"")
    out, err = anchoring.communicate(timeout=60)
    assert anchoring.returncode == 0, err
    told.append({"manifest": out.split(b"manifest ")[1].split()[0].decode()})
    with collecting(tamga, "--deadline", "0.1") as first:
        give(first, names[:1])
        told += accepted_by(first, 1)
        with collecting(tamga) as second:
            give(second, names[2:])
            waits(second)
            assert first.communicate(timeout=60) == (b"", b"")
            out, err = second.communicate(timeout=60)
        assert second.returncode == 0, err
        told.append(json.loads(out))
    kept = {batch["manifest"]: batch for batch in tamga.json("batches")}
    assert all(kept[line["manifest"]]["anchored"] for line in told)
    assert len(told) == 4


def test_what_a_killed_process_left_is_anchored_before(place: Place, tmp_path: Path) -> None:
    tamga, names = place.quarantine, papers(tmp_path, 21)
    with collecting(tamga, "--full", "1") as first:
        give(first, names[:20])
        told = accepted_by(first, 10)
        first.kill()
        told += map(json.loads, first.communicate()[0].splitlines())
    told.append(tamga.json("anchor", str(names[20]), *TYPE))
    kept = {batch["manifest"]: batch for batch in tamga.json("batches")}
    assert all(kept[line["manifest"]]["anchored"] for line in told)


def test_a_refused_anchor_is_told(place: Place, tmp_path: Path) -> None:
    """At each start, while it is refused; what else there is in this place is not asked about."""
    not_accredited = ("collect", "--type", "861001", "--key", QUARANTINE)
    with place.quarantine.start(*not_accredited, stdin=subprocess.PIPE) as running:
        out, err = running.communicate(listed(papers(tmp_path, 1)), timeout=100)
    manifest = json.loads(out)["manifest"]
    assert running.returncode == 1, err
    assert err.decode().count(f"not anchored: batch {manifest}") == 1
    assert "NotAccredited" in err.decode()
    told = place.quarantine.run("collect", *TYPE, piped=listed(papers(tmp_path, 3)), exits=1)
    others = {json.loads(line)["manifest"] for line in told.splitlines()}
    anchored = {batch["manifest"]: bool(batch["anchored"]) for batch in place.quarantine.json("batches")}
    assert (anchored[manifest], len(told.splitlines())) == (False, 3)
    assert all(anchored[other] for other in others)

    (stuck,) = (one for one in place.quarantine.json("outbox", "list", exits=1) if one["manifest"] == manifest)
    assert (stuck["state"], stuck["manifest"], stuck["anchored"]) == ("REFUSED", manifest, False)
    assert "not accredited" in stuck["why"]
    assert f"tamga anchor {manifest} --key" in place.quarantine.run("outbox", "list", exits=1)
    assert place.quarantine.json("outbox", "renew", stuck["key"], exits=1)["error"] == "conflict"
    place.quarantine.run("outbox", "abandon", stuck["key"], "--reason", "sealed under a wrong type")
    assert manifest not in json.dumps(place.quarantine.json("outbox", "list"))
    assert place.quarantine.run("collect", *TYPE) == "", "nothing tries it again, or speaks of it"
