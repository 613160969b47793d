"""Whatever is typed wrong is said in one sentence, with exit 2 (or 4), and nothing is stored."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Jisr

REPORT = ("report", "ini-test", "partner_signed")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Usage"),
        (("nope",), "No such command"),
        (("report",), "Missing argument"),
        (("report", "ini-test"), "Give one of"),
        (("report", "ini-test", "--badly"), "No such option"),
        (("report", "ini-test", "partner_singed", "partner=P1"), "Did you mean partner_signed?"),
        ((*REPORT, "partnr=P1"), "Did you mean partner?"),
        ((*REPORT, "partner=P1", "colour=red"), "colour: no such field"),
        (REPORT, "partner: is missing"),
        ((*REPORT, "P1"), "no field=value"),
        ((*REPORT, "partner=P1", "partner=P2"), "Write it once"),
        ((*REPORT, "partner=P1", "by=manager:p-01"), "Use --by"),
        ((*REPORT, "partner=P 1"), "must match"),
        ((*REPORT, "partner={"), "begins like JSON but is none"),
        ((*REPORT, "partner=@missing.txt"), "missing.txt cannot be read"),
        ((*REPORT, "partner=P1", "--by", "Sara"), "by: must match"),
        ((*REPORT, "partner=P1", "--at", "2026-03-01"), "give a zone"),
        ((*REPORT, "partner=P1", "--at", "yesterday"), "at:"),
        ((*REPORT, "partner=P1", "--reason", "x" * 20_001), "too long"),
        ((*REPORT, "partner=P1", "--reason", "a\x07b"), "control characters"),
        ((*REPORT, "partner=P1", "initiative=ini-x"), "initiative: no such field"),
        ((*REPORT, "--json-report", "{}"), "Give one of"),
        (("report", "ini-test", "--json-report", "[1]"), "one JSON object"),
        (("report", "ini-test", "--json-report", '{"kind": "partner_signed", "kind": "x"}'), "twice"),
        (("report", "ini-test", "--json-report", "[" * 100_000), "nested too deeply"),
        (("report", "ini-test", "--batch", "none.jsonl"), "cannot be read"),
        (("report", "ini-test", "--batch", "-"), "empty"),
        (("report", "ini-test", "--batch", "-", "--no-wait"), "does not apply"),
        ((*REPORT, "partner=P1", "--stop-on-refusal"), "belongs to --batch"),
        (("list", "--stage", "lunch"), "Choose one of concept"),
        (("list", "--track", "9"), "Choose one of 1"),
        (("agenda", "none.yaml"), "cannot be read"),
        (("agenda", "--until", "soon"), "no day"),
        (("timeline", "ini-test", "--since", "soon"), "neither an entry's number nor a day"),
        (("timeline", "ini-test", "--kind", "partner_singed"), "Did you mean partner_signed?"),
        (("audit", "verify"), "Give one of"),
        (("audit", "verify", "ini-test", "--all"), "Give one of"),
        (("audit", "verify", "--file", "none.jsonl"), "cannot be read"),
        (("people", "add", "p 1"), "id:"),
        (("people", "add", "p-1", "--email", "nobody"), "name@example.org"),
        (("people", "add", "p-1", "--zone", "Mars/Base"), "zone"),
        (("people", "capacity", "p-1", "king", "--since", "2026-03-01"), "Choose one of serving_official"),
        (("people", "capacity", "p-1", "non_official", "--since", "then"), "no day"),
        (("institutions", "add", "i-1", "--country", "Iraq"), "country"),
        (("up", "--temporal-port", "99999"), "--temporal-port"),
    ],
)
def test_bad_usage_is_said_in_a_sentence(jisr: Jisr, home: Path, arguments: tuple[str, ...], says: str) -> None:
    if arguments[0:2] in (("people", "add"), ("institutions", "add")):
        jisr("migrate")

    done = jisr(*arguments)

    assert (done.code, done.out) == (2, ""), done
    assert says in done.err
    assert "Traceback" not in done.err
    assert home.is_dir() is (arguments[0:2] in (("people", "add"), ("institutions", "add")))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no table"),
        ("just words", "no table"),
        ("- a\n- b\n", "no table"),
        ("id: [", "not YAML in line"),
        ("{", "neither YAML nor JSON"),
        ("a: &x 1\nb: *x\n", "point to another part"),
        ("id: ini-x\nid: ini-y\n", "stands twice"),
        ("{" * 5_000, "JSON"),
        ("[" * 5_000, "nested too deeply"),
        ("id: ini-x\nunheard_of: 1\n", "unheard_of: no such field"),
        ("id: Ini X\n", "id: must match"),
        ("{}", "track: is missing"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("x" * 1_000_001, "larger than"),
    ],
)
def test_a_charter_that_is_none_opens_nothing(jisr: Jisr, home: Path, text: str | bytes, says: str) -> None:
    done = jisr("open", "-", input=text)

    assert (done.code, done.out) == (2, ""), done
    assert says in done.err
    assert not home.exists()


def test_impossible_quotas_are_named(jisr: Jisr, home: Path, charter: Path) -> None:
    text = charter.read_text() + "seats: 3\nquotas: {per_party: 5}\n"

    done = jisr("open", "-", input=text)

    assert done.code == 2
    assert "5 seats for each of 2 parties do not fit into 3 seats" in done.err
    assert not home.exists()


def test_norway_is_a_country_and_no_answer(jisr: Jisr, charter: Path) -> None:
    text = charter.read_text().replace("country: CH", "country: NO")

    done = jisr("agenda", "-", "--json", input=text)

    assert done.code == 0, done.err


def test_an_ill_formed_report_is_answered_as_json_too(jisr: Jisr) -> None:
    done = jisr("report", "ini-test", "partner_singed", "--json")

    assert done.code == 2
    assert done.json.keys() == {"status", "initiative", "seq", "rule", "why", "stage"}
    assert (done.json["status"], done.json["rule"]) == ("refused", "report.unknown-kind")


def test_wrong_settings_are_named(jisr: Jisr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISR_TEMPORAL_TIMEOUT", "soon")
    assert "JISR_TEMPORAL_TIMEOUT" in jisr("list").err

    monkeypatch.setenv("JISR_TEMPORAL_TIMEOUT", "0.1")
    monkeypatch.setenv("JISR_DATABASE_URL", "mysql://user:secret@host/db")
    done = jisr("list")
    assert done.code == 2
    assert "JISR_DATABASE_URL" in done.err
    assert "secret" not in done.err


def test_whatever_is_not_known_is_not_found(jisr: Jisr) -> None:
    jisr("migrate")

    for arguments in (
        ("show", "ini-none"),
        ("agenda", "ini-none"),
        ("timeline", "ini-none"),
        ("audit", "verify", "ini-none"),
        ("audit", "export", "ini-none"),
        ("people", "show", "p-none"),
        ("people", "stop", "p-none"),
        ("institutions", "show", "i-none"),
        ("milestones", "partner_singed"),
    ):
        done = jisr(*arguments)
        assert (done.code, done.out) == (4, ""), (arguments, done)
        assert "Traceback" not in done.err


def test_without_a_database_it_is_said_how_to_make_one(jisr: Jisr, home: Path) -> None:
    for arguments in (("list",), ("timeline", "ini-test"), ("people", "list"), ("audit", "verify", "--all")):
        done = jisr(*arguments)
        assert done.code == 3, (arguments, done)
        assert "jisr migrate" in done.err
    assert not home.exists()


def test_a_line_that_is_json_but_no_report_is_refused(jisr: Jisr) -> None:
    done = jisr("report", "ini-test", "--json-report", "-", input=json.dumps({"kind": 7}))

    assert done.code == 2
    assert "kind" in done.err
