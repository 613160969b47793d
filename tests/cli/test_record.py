"""What the record and the roster answer while no engine is reachable."""

import sqlite3
from pathlib import Path

import pytest
from life import Life

from tests.cli.conftest import Jisr, record


@pytest.fixture(autouse=True)
def _recorded(life: Life) -> None:
    """Every test here has an initiative with a record."""


def test_show_answers_from_the_record_and_says_so(jisr: Jisr) -> None:
    done = jisr("show", "ini-test")

    assert done.code == 0
    assert "as recorded at seq 4" in done.err
    assert "Stage: concept since 2026-03-01" in done.out
    assert "p-01 (manager): write theory" in done.out
    assert "Asia/Baghdad" in done.out
    assert "concept.theory-written" in done.out


def test_show_has_one_shape_as_json(jisr: Jisr) -> None:
    shown = jisr("show", "ini-test", "--json").json

    assert shown["stage"] == "concept"
    assert shown["stage_since"].startswith("2026-03-01")
    assert {"waiting_on", "next", "gate", "broken", "incidents", "head_seq"} <= shown.keys()


def test_list_is_tab_separated_when_piped(jisr: Jisr) -> None:
    heading, row = jisr("list").out.splitlines()

    assert heading.split("\t")[:3] == ["id", "track", "stage"]
    assert row.split("\t")[:4] == ["ini-test", "1.5", "concept", "live"]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), ["ini-test"]),
        (("--stage", "concept"), ["ini-test"]),
        (("--stage", "vetting"), []),
        (("--track", "2"), []),
        (("--stalled",), []),
        (("--waiting-on", "p-01"), ["ini-test"]),
        (("--waiting-on", "p-0"), []),
    ],
)
def test_list_takes_filters(jisr: Jisr, arguments: tuple[str, ...], ids: list[str]) -> None:
    done = jisr("list", *arguments, "--json")

    assert (done.code, [row["id"] for row in done.json]) == (0, ids)


def test_timeline_tells_who_said_what(jisr: Jisr) -> None:
    done = jisr("timeline", "ini-test", "--json")

    kinds = ["initiative_opened", "checklist_item_done", "do_not_contact_asked", "report_refused"]
    assert [entry["kind"] for entry in done.json] == kinds
    assert [entry["seq"] for entry in done.json] == [1, 2, 3, 4]
    assert all(len(entry["hash"]) == 64 for entry in done.json)
    assert "the engine may know more" in done.err


def test_timeline_takes_a_part(jisr: Jisr) -> None:
    def seqs(*arguments: str) -> list[int]:
        return [entry["seq"] for entry in jisr("timeline", "ini-test", "--jsonl", *arguments).lines]

    assert seqs("--since", "2") == [3, 4]
    assert seqs("--since", "2026-03-02") == []
    assert seqs("--since", "2026-03-01") == [1, 2, 3, 4]
    assert seqs("--kind", "report_refused") == [4]


def test_agenda_of_a_record_is_in_the_recipients_zone(jisr: Jisr) -> None:
    done = jisr("agenda", "ini-test", "--until", "2026-12-31", "--json")

    assert done.code == 0
    assert done.json
    assert {"local", "zone", "rung", "recipient", "channel", "wording", "initiative"} <= done.json[0].keys()
    assert jisr("agenda", "--until", "2026-12-31", "--json").json == done.json
    assert jisr("agenda", "ini-test", "--until", "2026-12-31", "--for", "p-99", "--json").json == []


def test_agenda_of_a_charter_that_was_never_opened(jisr: Jisr, home: Path, charter: Path) -> None:
    before = sorted(path.name for path in home.iterdir())

    done = jisr("agenda", str(charter), "--json")

    assert done.code == 0
    assert {line["recipient"] for line in done.json} >= {"p-01"}
    assert sorted(path.name for path in home.iterdir()) == before


# --- the audit -------------------------------------------------------------------------------------------------------


def test_a_whole_record_verifies(jisr: Jisr) -> None:
    done = jisr("audit", "verify", "ini-test")

    assert done.code == 0
    assert "ini-test: verifies. 4 entries" in done.out
    assert jisr("audit", "verify", "--all", "--json").json[0]["ok"] is True


@pytest.mark.parametrize(
    ("change", "first_bad", "what"),
    [
        ("UPDATE entries SET by = 'manager:p-99' WHERE seq = 2", 2, "edited"),
        ("DELETE FROM entries WHERE seq = 2", 2, "missing"),
        ("DELETE FROM entries WHERE seq = 4", 4, "truncated"),
        ("DELETE FROM entries", 1, "no record"),
    ],
)
def test_a_record_that_was_changed_does_not_verify(
    jisr: Jisr, home: Path, change: str, first_bad: int, what: str
) -> None:
    with sqlite3.connect(home / "jisr.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(change)
    database.close()

    for arguments in (("ini-test",), ("--all",)):
        done = jisr("audit", "verify", *arguments)
        assert done.code == 6, done
        assert "DOES NOT VERIFY" in done.out
    verdict = jisr("audit", "verify", "ini-test", "--json").json
    assert (verdict["ok"], verdict["first_bad"], verdict["what"]) == (False, first_bad, what)


# --- the roster ------------------------------------------------------------------------------------------------------


def test_people_are_added_once_and_shown_whole(jisr: Jisr) -> None:
    add = ("people", "add", "p-01", "--name", "Sara", "--country", "IQ", "--email", "sara@example.org")

    assert jisr(*add).out == "p-01 added\n"
    assert jisr(*add).out == "p-01 unchanged\n"
    assert jisr("people", "add", "p-01", "--name", "Sarah").code == 2
    assert [one["id"] for one in jisr("people", "list", "--json").json] == ["p-01"]
    held = jisr("people", "show", "p-01", "--json").json
    assert held["person"]["name_latin"] == "Sara"
    assert "Sara" in jisr("show", "ini-test").out
    assert "sara@example.org" not in jisr("show", "ini-test").out


def test_without_an_engine_the_roster_is_not_changed(jisr: Jisr) -> None:
    jisr("people", "add", "p-01", "--name", "Sara")

    for arguments in (("stop",), ("deceased",), ("capacity", "non_official", "--since", "2026-03-01")):
        done = jisr("people", arguments[0], "p-01", *arguments[1:])
        assert done.code == 3, done
        assert "The roster was not changed" in done.err
    person = jisr("people", "show", "p-01", "--json").json["person"]
    assert (person["do_not_contact_since"], person["deceased_on"], person["capacities"]) == (None, None, [])


def test_institutions_keep_their_history(jisr: Jisr) -> None:
    assert jisr("institutions", "add", "i-1", "--name", "Old institute").code == 0
    assert jisr("institutions", "add", "i-2", "--name", "New institute", "--successor-of", "i-1").code == 0
    assert jisr("institutions", "show", "i-2", "--json").json["history"] == ["i-2", "i-1"]
    assert len(jisr("institutions", "list", "--json").json) == 2


# --- the house -------------------------------------------------------------------------------------------------------


def test_migrate_makes_a_private_home(jisr: Jisr, home: Path) -> None:
    first, again = jisr("migrate", "--json").json, jisr("migrate", "--json").json

    assert (first["key_file_made"], again["key_file_made"]) == (True, False)
    assert (home / "keys.json").stat().st_mode & 0o777 == 0o600


def test_doctor_names_what_is_missing_and_what_to_type(jisr: Jisr, home: Path) -> None:
    checks = {one["what"]: one for one in jisr("doctor", "--json").json}

    assert (checks["engine"]["state"], checks["keys"]["state"]) == ("bad", "bad")
    assert "jisr migrate" in checks["keys"]["says"]
    jisr("migrate")
    (home / "keys.json").chmod(0o644)
    done = jisr("doctor", "--json")
    keys = next(one for one in done.json if one["what"] == "keys")
    assert (done.code, keys["state"]) == (3, "bad")
    assert "chmod 600" in keys["says"]


def test_the_catalogue_tells_every_milestone(jisr: Jisr) -> None:
    every = jisr("milestones", "--json").json

    assert {"partner_signed", "gate_decided", "stall_declared"} <= {one["kind"] for one in every}
    for one in every:
        assert one["what"].endswith("."), one["kind"]
        assert one["example"].startswith(f"jisr report ini-7f3a {one['kind']}")
    signed = jisr("milestones", "partner_signed", "--json").json
    assert "partners.screened-clear" in {rule["rule"] for rule in signed["rules"]}
    assert signed["fields"]["required"] == ["partner"]
    theory = next(one for one in every if one["kind"] == "theory_of_change_written")
    assert theory["fields"]["properties"]["text"]["maxLength"] == 20_000


def test_a_second_initiative_is_another_row(jisr: Jisr, home: Path) -> None:
    record(home, Life(id="ini-next", track="2"))

    assert [row["id"] for row in jisr("list", "--json").json] == ["ini-next", "ini-test"]
    assert [row["id"] for row in jisr("list", "--track", "2", "--json").json] == ["ini-next"]


# --- the history in sentences, and who read it -----------------------------------------------------------------------


@pytest.mark.parametrize(("language", "says"), [("en", "An item"), ("ar", "أُنجز بند"), ("ckb", "خاڵێکی")])
def test_timeline_tells_the_history_in_sentences(jisr: Jisr, language: str, says: str) -> None:
    done = jisr("timeline", "ini-test", "--language", language)

    assert done.code == 0
    assert len(done.out.splitlines()) == 4
    assert says in done.out.splitlines()[1]
    told = jisr("timeline", "ini-test", "--language", language, "--since", "3", "--json").json
    assert [one["seq"] for one in told] == [4]
    assert told[0]["sentence"] in done.out.splitlines()[3]


def test_a_language_that_is_not_there_is_refused(jisr: Jisr) -> None:
    done = jisr("timeline", "ini-test", "--language", "fr")

    assert (done.code, "en, ar, ckb" in done.err) == (2, True)


def test_reading_texts_is_noted_with_who_and_why_and_reading_ids_is_not(
    jisr: Jisr, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISR_ACTOR", "auditor:p-77")
    jisr("timeline", "ini-test")
    assert jisr("audit", "reads", "--json").json == []

    told = Life(id="ini-read").report("stall_declared", reason=True)
    record(home, told)
    with sqlite3.connect(home / "jisr.db") as database:
        row = ("text:" + "0" * 32, "ini-read", "Elections are near.", "2026-03-01 00:00:00")
        database.execute("INSERT INTO texts (ref, initiative, body, made_at) VALUES (?, ?, ?, ?)", row)
    database.close()
    assert "Elections are near." in jisr("timeline", "ini-read", "--language", "en", "--why", "yearly audit").out

    (noted,) = jisr("audit", "reads", "ini-read", "--json").json
    assert (noted["by"], noted["what"], noted["why"]) == ("auditor:p-77", "timeline.texts", "yearly audit")
    assert jisr("audit", "reads", "ini-test", "--json").json == []
    assert "timeline.texts" in jisr("audit", "reads").out
    jisr("people", "add", "p-01", "--name", "Sara")
    jisr("people", "show", "p-01")
    assert [one["what"] for one in jisr("audit", "reads", "--of", "p-01", "--json").json] == ["people.show"]
    with sqlite3.connect(home / "jisr.db") as database, pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        database.execute("DELETE FROM readings")
    database.close()
