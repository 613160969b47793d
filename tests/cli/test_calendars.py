"""`jisr calendars`: what is reckoned is shown, what is wrong in the overlay is said with its line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Jisr

EXAMPLE = Path(__file__).parents[2] / "examples" / "calendar_overlay.yaml"


def test_days_off_are_those_of_lists_and_overlay(jisr: Jisr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISR_CALENDAR", str(EXAMPLE))

    done = jisr("calendars", "show", "IQ-KA", "--year", "2026")

    assert (done.code, "Weekend: fri, sat." in done.err) == (0, True)
    assert "2026-07-30\t2026-08-05\tclosed\tarbaeen" in done.out  # only in this governorate
    assert "arbaeen" not in jisr("calendars", "show", "IQ", "--year", "2026").out
    assert "2026-02-18\t2026-03-19\tshort hours\tramadan" in done.out


def test_a_good_overlay_is_said_to_be_good(jisr: Jisr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISR_CALENDAR", str(EXAMPLE))

    assert jisr("calendars", "check", "--json").json["countries"] == ["IQ", "IQ-KA", "IQ-KR", "IQ-NA"]


@pytest.mark.parametrize("verb", ["check", "announce"])
def test_a_bad_one_is_told_to_nobody(
    jisr: Jisr, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    (tmp_path / "bad.yaml").write_text("IQ:\n  move: soon\n")
    monkeypatch.setenv("JISR_CALENDAR", str(tmp_path / "bad.yaml"))

    done = jisr("calendars", verb)

    assert (done.code, "line" in done.err) == (2, True)
    assert not home.exists()


def test_without_an_overlay_it_is_said_where_one_is_named(jisr: Jisr) -> None:
    assert "JISR_CALENDAR" in jisr("calendars", "check").err
    assert jisr("calendars", "show", "Iraq").code == 2


@pytest.mark.usefixtures("life")
def test_with_the_engine_away_nothing_is_announced(jisr: Jisr) -> None:
    assert jisr("calendars", "announce").code == 3
