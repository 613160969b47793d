"""Expectations: a file that is wrong says where, a check that does not hold says what was found instead."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from life import Life

from domain.record import Answer
from domain.vocabulary import Status
from errors import InvalidInput
from rehearsal.expect import Expectations, judge, read, where

UNTIL = "2026-06-01"


def verdict(life: Life, answers: list[Answer] | None = None, keys: list[str] | None = None, /, **check: Any) -> str:
    """Return why one check does not hold, nothing when it does."""
    given = Expectations.model_validate({"until": f"{UNTIL}T00:00:00Z", "expect": [{"says": "It is so.", **check}]})
    [found] = judge(given.but(lines=where(keys or [])), life.entries, answers or [], life.now)
    assert found.held is (found.why == "")
    return found.why


def answer(status: str, rule: str | None = None, *seq: int) -> Answer:
    return Answer(status=Status(status), initiative="ini-test", rule=rule, seq=seq)


@pytest.mark.parametrize(
    "item",
    [
        {"says": "Nothing to check."},
        {"says": "Two at once.", "never": {"person": "p-1", "after": UNTIL}, "state": {"stalled": False}},
        {"says": "No such check.", "always": {}},
        {"says": "No key, no line.", "refused": {"rule": "gate.requirements"}},
        {"says": "", "state": {"stalled": False}},
        {"says": "A slip.", "notice": {"asks": "sign_mou"}},
    ],
)
def test_an_item_that_cannot_be_read_is_named(tmp_path: Path, item: dict[str, Any]) -> None:
    (tmp_path / "reports.jsonl").write_text("")
    (tmp_path / "expect.yaml").write_text(yaml.safe_dump({"until": UNTIL, "expect": [item]}))

    with pytest.raises(InvalidInput, match=r"expect.yaml: expect\.0"):
        read(tmp_path / "expect.yaml")


def test_a_bare_day_is_its_first_moment_and_keys_are_found_among_the_reports(tmp_path: Path) -> None:
    (tmp_path / "reports.jsonl").write_text('{"key": "a"}\n\n{"kind": "x"}\n{"key": "a"}\n')
    item = {"says": "It came twice.", "duplicate": {"key": "a"}}
    (tmp_path / "expect.yaml").write_text(yaml.safe_dump({"until": UNTIL, "expect": [item]}))
    found = read(tmp_path / "expect.yaml")

    assert found.until.isoformat() == "2026-06-01T00:00:00+00:00"
    assert found.lines == {"a": (1, 3)}


def test_a_file_that_is_not_there_or_no_yaml_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        read(tmp_path / "expect.yaml")
    (tmp_path / "expect.yaml").write_text("a: [")
    with pytest.raises(InvalidInput, match="no YAML"):
        read(tmp_path / "expect.yaml")


def test_refused_and_duplicate_look_at_the_answer_of_that_report() -> None:
    answers = [answer("accepted", None, 2), answer("refused", "stall.none"), answer("duplicate", None, 2)]
    keys = ["a", "b", "a"]

    assert verdict(Life(), answers, keys, refused={"key": "b", "rule": "stall.none"}) == ""
    assert verdict(Life(), answers, keys, refused={"line": 2, "rule": "stall.already"}) == "found refused stall.none"
    assert verdict(Life(), answers, keys, refused={"key": "c", "rule": "stall.none"}) == "found no such report"
    assert verdict(Life(), answers, keys, duplicate={"key": "a"}) == ""
    assert verdict(Life(), answers, keys, duplicate={"key": "b"}) == "found refused"


def test_entries_and_messages_are_counted() -> None:
    life = (
        Life()
        .report("stage_begun_early", of="partners", reason=True)
        .report("partner_approached", partner="P1")
        .report("mou_sent", partner="P1")
    )
    life.pass_days(40)

    assert verdict(life, entry={"kind": "mou_sent", "fields": {"partner": "P1"}, "count": 1}) == ""
    assert verdict(life, entry={"kind": "mou_sent", "count": 2}) == "exactly 2 expected, 1 found"
    assert verdict(life, notice={"ask": "sign_mou", "recipient": "p-41", "count": 2}) == ""
    assert verdict(life, notice={"ask": "sign_mou", "at_least": 3}) == "at least 3 expected, 2 went out"
    assert verdict(life, notice={"ask": "sign_mou", "none_after": "2026-03-20"}) == "one went out on 2026-03-29"
    assert verdict(life, never={"person": "p-41", "after": "2026-03-20"}) == "sign_mou went out on 2026-03-29"
    assert verdict(life, never={"person": "p-42", "after": "2026-03-20"}) == ""


def test_the_state_and_the_stall_say_what_they_are() -> None:
    life = Life().report("stall_declared", reason=True)
    life.pass_days(40)
    life.report("stall_resumed")

    assert verdict(life, state={"stage": "concept", "stalled": False, "open_incidents": 0}) == ""
    assert verdict(life, state={"stalled": True, "sessions": {"S1": "closed"}}) == "stalled is False, S1 is None"
    assert verdict(life, in_stall={"only": ["keep_warm"], "days": 40}) == ""
    assert verdict(life, in_stall={"only": [], "days": 40}) == "also said: keep_warm"
    assert verdict(life, in_stall={"only": ["keep_warm"], "days": 41}) == "it rested 40 days"
    assert verdict(Life(), in_stall={"only": []}) == "it never rested"
