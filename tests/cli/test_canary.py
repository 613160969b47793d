"""Planted names, addresses, affiliations and topic words are looked for wherever they must not be, on a running home.

`jisr up` as people start it: engine, worker, database, logs. Then somebody is erased, and it is looked for again, in a
copy of the database made before, too.
"""

import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from channels.invitation import as_calendar
from channels.message import Event
from tests.cli.conftest import Done, Up, now, process, until, write_charter
from tests.workflows import story

pytestmark = pytest.mark.xdist_group("jisr-canary")

ID, WHO, WHOLE = "ini-canary", "p-20", "ini-canary-whole"
NATIVE, LATIN, SURNAME = "زينبولون", "Zaynabulon", "Qartabani"
PERSON = (NATIVE, LATIN, SURNAME, "zq@heronry.example.org", "770 987 6543")
PLACE = ("Institute of Heronry", "معهد اللقلق")
TOPIC = ("Gudgeon", "barbel weir", "afraid of wolverines", "listens like an ibis")
PLANTED = (*PERSON, *PLACE, *TOPIC)
KNOWN = (b"initiative/" + ID.encode(), b"do_no_harm_screen")  # what is kept there: else the search would prove nothing


def forms(word: str) -> Iterator[bytes]:
    """Return a word as files hold words: as it is, in other encodings, in JSON, in base64 at each offset."""
    for said in {word, word.lower(), word.upper(), json.dumps(word)[1:-1]}:
        yield said.encode()
    yield word.encode("utf-16-le")
    raw = word.encode()
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw + b"\0\0\0")
        yield coded[4 * bool(offset) : 4 * ((offset + len(raw)) // 3)]


def hits(words: Iterable[str], held: bytes) -> set[str]:
    return {word for word in words if any(form in held for form in forms(word))}


def in_files(words: Iterable[str], folder: Path) -> dict[str, set[str]]:
    """Return what is found, by file; messages in the outbox are their readers', so only their headers count."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            if file.parent.parent.name == "outbox":
                held = held.partition(b"\n\n")[0]
            if seen := hits(words, file.name.encode() + held):
                found[str(file.relative_to(folder))] = seen
    return found


def whole_life() -> list[story.Report]:
    """Return a life through all six stages, with planted words wherever something is said; a session is ahead."""
    today = now()
    lines = [
        *story.concept(),
        *story.partners(),
        *story.vetting(today.date().isoformat()),
        *story.sessions((today + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")),
        *story.held(),
        *story.recommendations(),
        story.go("recommendations"),
        *story.rests(),
        story.said("stall_resumed"),
        story.said("session_scheduled", session="S2", starts=(today + timedelta(days=20)).strftime("%Y-%m-%dT10:00")),
    ]
    spoken = {story.TEXT: "The gudgeon of the barbel weir, Gudgeon.", story.REASON: "Gudgeon has to wait."}
    return [{field: spoken.get(str(value), value) for field, value in line.items()} for line in lines]


def said(done: Done) -> bytes:
    return (done.out + done.err).encode()


@pytest.fixture(scope="module")
def life(up: Up, tmp_path_factory: pytest.TempPathFactory) -> list[Done]:
    """Live a little with all that is planted; return what the commands said."""
    folder = tmp_path_factory.mktemp("charter")
    person = {
        "id": WHO, "name_native": f"{NATIVE} {NATIVE}", "name_latin": f"{LATIN} {SURNAME}", "organisation": "inst-20",
        "channels": [
            {"kind": "email", "address": "zq@heronry.example.org"},
            {"kind": "phone", "address": "+964 770 987 6543", "preference": 1},
        ],
    }  # fmt: skip
    told = {"title": "Gudgeon", "summary": "They meet at the barbel weir."}
    people = [{"id": "p-01", "name_latin": f"{LATIN} Manager", "email": "zq@heronry.example.org"}, person]
    commands = [
        up.jisr("institutions", "add", "inst-20", "--name", PLACE[0], "--name-native", PLACE[1], "--country", "IQ",
                "--kind", "university"),
        up.jisr("open", str(write_charter(folder, ID, people=people, **told))),
        up.jisr("open", str(write_charter(folder, WHOLE, **story.SMALL, **told))),
    ]  # fmt: skip
    nominated = {"party": "IQ", "country": "IQ", "organisation": "inst-20", "capacity": "non_official"}
    reports = [
        {"kind": "checklist_item_done", "item": "do_no_harm_screen", "reason": "Gudgeon is ready."},
        {"kind": "stage_begun_early", "of": "vetting", "reason": "Gudgeon cannot wait."},
        {"kind": "participant_nominated", "person": WHO, "statement": "They are afraid of wolverines.", **nominated},
        {"kind": "vetter_assigned", "person": WHO, "vetter": "p-11"},
        {"kind": "review_given", "by": "vetter:p-11", "person": WHO, "vetter": "p-11", "verdict": "approve",
         "criteria": ["standing"], "assessment": f"{SURNAME} listens like an ibis."},
    ]  # fmt: skip
    batch = "\n".join(json.dumps(one) for one in reports)
    answers = up.jisr("report", ID, "--batch", "-", "--json", input=batch)
    assert [one["status"] for one in answers.lines] == ["accepted"] * len(reports), answers
    whole = up.jisr("report", WHOLE, "--batch", "-", "--json", input="\n".join(map(json.dumps, whole_life())))
    assert {one["status"] for one in whole.lines} == {"accepted"}, whole
    assert [one.code for one in commands] == [0, 0, 0], commands
    until(lambda: up.jisr("timeline", ID, "--json").out.count("review_given") or None, "the record")
    until(lambda: up.jisr("timeline", WHOLE, "--json").out.count("stall_resumed") or None, "the record")
    return [*commands, answers, whole]


def test_the_words_are_known_where_they_belong(up: Up, life: list[Done]) -> None:
    assert hits(PERSON, said(up.jisr("people", "list"))) >= {NATIVE, LATIN, SURNAME}
    assert "Institute of Heronry" in up.jisr("institutions", "list").out
    shown = up.jisr("people", "show", WHO, "--json")
    assert "afraid of wolverines" in shown.out


def test_no_file_of_the_home_holds_them_and_the_search_finds_what_is_there(up: Up, life: list[Done]) -> None:
    held = b"".join(file.read_bytes() for file in up.home.rglob("*.db*"))
    assert all(known in held for known in KNOWN)
    assert in_files(PLANTED, up.home) == {}
    assert hits(PLANTED, (up.home.parent / f"{up.home.name}.log").read_bytes()) == set()


def test_no_command_says_them_and_no_process_was_started_with_them(up: Up, life: list[Done]) -> None:
    asked = [  # `jisr show`, `agenda` and `timeline` are for managers: they tell names and words
        ("list",), ("audit", "verify", ID),
        ("audit", "verify", "--all"), ("audit", "reads"),
        ("audit", "export", ID, "--redacted"), ("audit", "export", ID, "--donor"),
        ("audit", "export", WHOLE, "--redacted", "--format", "html"), ("audit", "export", WHOLE, "--donor"),
        ("keys", "show"), ("doctor",),
    ]  # fmt: skip
    for one in life:
        assert hits(PLANTED, said(one)) == set()
    for words in asked:
        assert hits(PLANTED, said(up.jisr(*words))) == set(), words
    for process_id in (up.server, *(int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit())):
        line = Path(f"/proc/{process_id}/cmdline")
        try:
            assert hits(PLANTED, line.read_bytes()) == set()
        except (FileNotFoundError, ProcessLookupError):
            continue


def test_no_error_repeats_them(up: Up, life: list[Done]) -> None:
    wrong = [
        ("people", "add", WHO, "--name", f"{LATIN} Otherwise"),
        ("people", "add", "p-21", "--name", LATIN, "--email", f"{SURNAME} at heronry"),
        ("people", "add", "p-21", "--name", LATIN, "--country", PLACE[0]),
        ("report", ID, "participant_nominated", f"person={WHO}", f"capacity={SURNAME}"),
        ("report", ID, "checklist_item_done", "item=do_no_harm_screen", "--reason", "Gudgeon\x07"),
        ("people", "erase", WHO, "--reason", f"{LATIN} asked"),
    ]
    for words in wrong:
        done = up.jisr(*words)
        assert done.code in (2, 5), (words, done)
        assert hits(PLANTED, done.err.encode()) == set(), words


def test_neither_subjects_nor_calendars_of_messages_hold_them(up: Up, life: list[Done]) -> None:
    calendars = 0
    for initiative in (ID, WHOLE):
        done = up.jisr("agenda", initiative, "--preview", "--json")
        messages = [one for one in done.json if "text" in one]
        assert done.code == 0 and messages, done
        for one in messages:
            shown = one["discloses"]
            entered = ""
            if shown["calendar"]:
                entered = as_calendar(Event.model_validate(shown["calendar"]), "m@example.org", "r@example.org")
                calendars += 1
            assert hits(PLANTED, f"{shown}{entered}".encode()) == set(), one["ask"]
            assert hits((*PLACE, *TOPIC), f"{one['text']}{one['html']}".encode()) == set(), one["ask"]
    assert calendars, "nothing is entered in a calendar: the search would prove nothing"


def test_what_the_engine_lists_and_shows_holds_none(up: Up, life: list[Done]) -> None:
    """Workflow ids, search attributes, memos, summaries: all that Temporal's own tables hold, row by row."""
    rows = 0
    for file in up.home.rglob("*.db"):
        if file.name == "jisr.db":
            continue
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as temporal:
            tables = [name for (name,) in temporal.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in temporal.execute(f'SELECT * FROM "{table}"'):
                    rows += 1
                    assert hits(PLANTED, repr(row).encode()) == set(), table
    assert rows > 50


# After erasure; the last tests of this module


@pytest.fixture(scope="module")
def copy(up: Up, life: list[Done], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the database made before somebody is erased."""
    made = tmp_path_factory.mktemp("copy") / "jisr.db"
    with sqlite3.connect(up.home / "jisr.db") as source, sqlite3.connect(made) as target:
        source.backup(target)
    return made


@pytest.fixture(scope="module")
def erased(up: Up, copy: Path) -> Done:
    done = up.jisr("people", "erase", WHO, "--reason", "asked on 3 May", "--json")
    assert done.code == 0, done
    return done


def from_copy(up: Up, copy: Path, *arguments: str) -> Done:
    """Run a command on the copy, with today's key file."""
    return process(up.home, *arguments, JISR_DATABASE_URL=f"sqlite:///{copy}")


def test_after_erasure_nobody_finds_them_and_the_record_verifies(up: Up, erased: Done, copy: Path) -> None:
    words = (*PERSON, "afraid of wolverines", "listens like an ibis")
    assert hits(words, said(erased)) == set()
    assert erased.json["certificate"]["erased"]["texts"] == 2
    shown = up.jisr("people", "show", WHO, "--json")
    assert hits(words, said(shown)) == set()
    assert in_files(words, up.home) == {}
    for file in (up.home / "outbox").rglob("*.txt"):
        assert not file.read_text().startswith(f"To: {WHO}\n")
    assert in_files(words, copy.parent) == {}
    assert up.jisr("audit", "verify", ID).code == 0
    assert up.jisr("report", ID, "checklist_item_done", "item=exit_criteria").code == 0, "the initiative runs on"


def test_a_copy_of_before_opens_until_its_master_key_is_dropped(up: Up, erased: Done, copy: Path) -> None:
    """What docs/security.md says of copies, no better and no worse."""
    assert LATIN in from_copy(up, copy, "people", "list").out
    [old] = [one["id"] for one in up.jisr("keys", "show", "--json").json]
    assert up.jisr("keys", "rotate").code == 0
    assert up.jisr("keys", "drop", old).code == 0
    closed = from_copy(up, copy, "people", "list")
    assert (closed.code, old in closed.err) == (3, True), closed
    assert hits(PLANTED, said(closed)) == set()
    assert up.jisr("people", "show", "p-01", "--json").json["person"]["name_latin"] == f"{LATIN} Manager"
    assert up.jisr("report", ID, "checklist_item_done", "item=theory_of_change", "--reason", "Later").code in (0, 5)
