"""`jisr up` on a home of its own: everything on this machine, durable, and the commands that need it."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from cli.server import free_ports
from tests.cli.conftest import Done, Up, process, until, write_charter

pytestmark = pytest.mark.xdist_group("jisr-up")  # one server for all of them

ITEM = ("checklist_item_done", "item=do_no_harm_screen")


@pytest.fixture(scope="module")
def opened(up: Up, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An initiative that all tests of this module may report to, each with keys of its own."""
    done = up.jisr("open", str(write_charter(tmp_path_factory.mktemp("charter"), "ini-shared")))
    assert (done.code, done.out) == (0, "ini-shared\n"), done
    return "ini-shared"


def test_open_twice_is_a_duplicate(up: Up, opened: str, tmp_path: Path) -> None:
    done = up.jisr("open", str(write_charter(tmp_path, opened)), "--json")

    assert (done.code, done.json["status"]) == (0, "duplicate")
    assert "duplicate" in done.err


def test_a_report_is_accepted_repeated_and_refused(up: Up, opened: str) -> None:
    keyed = (
        "report",
        opened,
        "checklist_item_done",
        "item=exit_criteria",
        "--reason",
        "Written on page 3.",
        "--key",
        "k-1",
        "--by",
        "manager:p-01",
    )
    first, again = up.jisr(*keyed, "--json"), up.jisr(*keyed, "--json")
    other = up.jisr("report", opened, *ITEM, "--key", "k-1", "--json")
    refused = up.jisr("report", opened, "partner_signed", "partner=P1")

    assert (first.code, first.json["status"]) == (0, "accepted"), first
    assert first.json.keys() == {"status", "initiative", "seq", "rule", "why", "stage"}
    assert (again.code, again.json["status"], again.json["seq"]) == (0, "duplicate", first.json["seq"])
    assert (other.code, other.json["rule"]) == (5, "report.key-reused")
    assert refused.code == 5
    assert refused.out == f"refused  {opened}  stage.not-open  stage concept\n"
    assert "Pass the gate" in refused.err


def test_a_signal_does_not_wait(up: Up, opened: str) -> None:
    done = up.jisr("report", opened, "checklist_item_done", "item=budget_envelope", "--no-wait", "--key", "k-signal")

    assert (done.code, done.out.split()[0]) == (0, "accepted")
    until(lambda: "k-signal" in up.jisr("timeline", opened, "--json").out, "the signal in the record")


def test_a_batch_is_answered_line_by_line(up: Up, opened: str) -> None:
    lines = [
        {"kind": "checklist_item_done", "item": "prior_efforts", "key": "b-1"},
        {"kind": "checklist_item_done", "item": "prior_efforts", "key": "b-1"},
        {"kind": "partner_signed", "partner": "P1"},
        {"kind": "checklist_item_done", "item": "stakeholder_map", "key": "b-2"},
    ]
    text = "\n".join(map(json.dumps, lines))
    done = up.jisr("report", opened, "--batch", "-", input=text)
    spoilt = up.jisr("report", opened, "--batch", "-", input=f"{text}\n\n{{oops\n[]\n" + json.dumps({"kind": "nope"}))

    assert done.code == 5
    assert [one["status"] for one in done.lines] == ["accepted", "duplicate", "refused", "accepted"]
    assert spoilt.code == 2
    assert [one["status"] for one in spoilt.lines[:4]] == ["duplicate", "duplicate", "refused", "duplicate"]
    assert [one["why"].split(":")[0] for one in spoilt.lines[4:]] == ["Line 6", "Line 7", "Line 8"]
    assert {one["rule"] for one in spoilt.lines[4:]} == {"report.invalid", "report.unknown-kind"}


def test_a_batch_can_stop_at_the_first_refusal(up: Up, opened: str) -> None:
    lines = [{"kind": "partner_signed", "partner": "P1"}, {"kind": "checklist_item_done", "item": "design_argument"}]
    done = up.jisr("report", opened, "--batch", "-", "--stop-on-refusal", input="\n".join(map(json.dumps, lines)))

    assert (done.code, len(done.lines)) == (5, 1)


def test_reports_of_unknown_initiatives_are_not_found(up: Up) -> None:
    for arguments in (("report", "ini-none", *ITEM), ("show", "ini-none"), ("audit", "verify", "ini-none")):
        done = up.jisr(*arguments)
        assert (done.code, done.out) == (4, ""), done


def test_show_agenda_timeline_and_audit_agree(up: Up, opened: str) -> None:
    shown = up.jisr("show", opened, "--json")
    agenda = up.jisr("agenda", opened, "--json")
    audit = up.jisr("audit", "verify", opened)

    assert (shown.code, shown.err, shown.json["stage"]) == (0, "", "concept")
    assert shown.json["next"][0]["due_at"] == agenda.json[0]["due_at"]
    assert (audit.code, "the engine agrees" in audit.out) == (0, True)
    assert up.jisr("timeline", opened, "--json").json[-1]["seq"] >= shown.json["head_seq"]


def test_a_death_reaches_every_live_initiative(up: Up, opened: str) -> None:
    done = up.jisr("people", "deceased", "p-42", "--json")

    assert (done.code, done.json["reached"]) == (0, [opened]), done
    until(lambda: "person_died" in up.jisr("timeline", opened).out, "the death in the record")


def test_a_field_may_be_called_initiative(up: Up, opened: str) -> None:
    done = up.jisr("report", opened, "initiative_linked", "initiative=ini-other", "relation=feeder", "--json")

    assert (done.code, done.json["status"]) == (0, "accepted"), done


def test_doctor_finds_nothing_bad(up: Up) -> None:
    done = up.jisr("doctor", "--json")

    assert done.code == 0, done
    states = {one["what"]: one["state"] for one in done.json}
    assert states["retention"] == states["search attributes"] == states["worker"] == "ok"


def test_a_second_up_of_one_home_says_who_has_it(up: Up) -> None:
    done = process(up.home, "up", "--home", str(up.home))

    assert done.code == 3
    assert "runs for" in done.err
    assert "process" in done.err


def test_a_port_in_use_is_named_with_its_option(up: Up, tmp_path: Path) -> None:
    for option, port in (("--temporal-port", up.port), ("--ui-port", up.ui)):
        other = "--ui-port" if option == "--temporal-port" else "--temporal-port"
        done = process(tmp_path / "other", "up", option, str(port), other, str(free_ports(1)[0]))
        assert done.code == 3, done
        assert f"Port {port} is in use" in done.err
        assert option in done.err


def test_a_report_leaves_with_0_every_time(up: Up, opened: str) -> None:
    report = ("report", opened, *ITEM, "--key", "thirty")
    with ThreadPoolExecutor(4) as four_at_once:
        codes = list(four_at_once.map(lambda _: up.jisr(*report).code, range(30)))

    assert codes == [0] * 30


def test_state_is_private(up: Up) -> None:
    shared = [path.name for path in up.home.rglob("*") if path.stat().st_mode & 0o077]

    assert shared == []


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="this system does not tell who talks to whom")
def test_a_fresh_one_talks_to_nobody_outside_this_machine_without_a_channel_file(up: Up, opened: str) -> None:
    assert up.jisr("people", "add", "p-77", "--name", "Avan Canary", "--email", "avan@example.org").code == 0
    assert up.jisr("report", opened, "checklist_item_done", "item=exit_criteria", "--reason", "Page 4.").code == 0
    assert up.jisr("doctor", "--json").code == 0

    talking = set(sockets(tree(up.process)))
    assert LOOPBACK in {near for near, _ in talking}, "the engine listens, on this machine"
    assert {near for near, _ in talking} <= HERE
    assert {far for _, far in talking} <= HERE | NOBODY


def test_what_was_accepted_outlives_ctrl_c_and_kill(tmp_path: Path) -> None:
    running = Up(tmp_path / "home").start()
    try:
        assert running.jisr("open", str(write_charter(tmp_path, "ini-kept"))).code == 0
        assert running.jisr("report", "ini-kept", *ITEM, "--key", "once").code == 0
        first = running.server
        assert running.end(signal.SIGINT) == 130
        assert not _alive(first)

        running.start()
        assert running.jisr("report", "ini-kept", *ITEM, "--key", "once").out.startswith("duplicate")
        assert running.jisr("report", "ini-kept", "checklist_item_done", "item=prior_efforts").code == 0
        running.end(signal.SIGKILL)

        running.start()
        ask = ("timeline", "ini-kept", "--json", "--kind", "checklist_item_done")
        items = until(lambda: _items(running.jisr(*ask)) or None, "the record to catch up")
        assert items == ["do_no_harm_screen", "prior_efforts"]
        assert running.jisr("audit", "verify", "ini-kept").code == 0
        assert running.end(signal.SIGTERM) == 0
    finally:
        running.stop()


def _items(done: Done) -> list[str]:
    """Return what the record holds, once it is whole."""
    return [] if done.code or done.err else [entry["fields"]["item"] for entry in done.json]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_record_is_held_against_the_engines_history_and_that_is_kept(up: Up, opened: str, tmp_path: Path) -> None:
    until(lambda: "the engine agrees" in up.jisr("audit", "verify", opened).out, "the record to catch up")
    same = up.jisr("audit", "rebuild", opened, "--check", "--json")
    kept = up.jisr("audit", "archive", opened, "--out", str(tmp_path / "kept"))

    assert (same.code, same.json["differs"], same.json["written"]) == (0, None, 0), same
    assert same.json["entries"] >= 5
    assert kept.code == 0
    assert len(list((tmp_path / "kept").glob("*.json.gz"))) == same.json["runs"]
    assert up.jisr("audit", "rebuild", "ini-none").code == 4


# --- nothing leaves this machine ---------------------------------------------------------------------------------
LOOPBACK = "0100007F"
HERE = {LOOPBACK, "0" * 24 + "01000000", "0" * 16 + "FFFF0000" + LOOPBACK}  # 127.0.0.1, ::1, ::ffff:127.0.0.1
NOBODY = {"0" * 8, "0" * 32}  # the far end of a socket that only listens


def tree(root: int) -> set[int]:
    """Return a process and all that it started, directly or not."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended while we looked
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def sockets(processes: set[int]) -> Iterator[tuple[str, str]]:
    """Yield the near and the far address of every IP socket of these processes, as the kernel writes them."""
    held = set()
    for process_id in processes:
        for handle in Path(f"/proc/{process_id}/fd").glob("*"):
            with suppress(OSError):
                held.add(str(handle.readlink()))
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if f"socket:[{columns[9]}]" in held:
                yield columns[1].partition(":")[0], columns[2].partition(":")[0]
