"""Modes and indicators: what is owed changes with where the conflict stands (A34 to A38)."""

import pytest
from life import Life
from written import drafted, rungs, writing


def asked(life: Life, *asks: str) -> set[str]:
    return {id.split(":")[0] for id in life.owed()} & set(asks)


def test_a_mode_changes_with_a_reason_and_only_to_another_a34() -> None:
    life = Life().refused("report.reason-required", "mode_changed", mode="crisis")
    life.refused("mode.already", "mode_changed", mode="preventive", reason=True)
    life.refused("report.invalid", "mode_changed", mode="peace", reason=True)
    life.report("mode_changed", mode="crisis", reason=True)

    assert (life.now.mode, life.now.mode_since) == ("crisis", life.at)


def test_in_preventive_mode_each_indicator_is_read_every_month_a35() -> None:
    life = Life().report("indicator_defined", indicator="border", threshold=10, owner="p-51")
    assert [rung[1:] for rung in rungs(life.pass_days(65), "read_indicators")] == [(0, "p-51"), (1, "p-51")]
    life.report("indicator_read", indicator="border", value=3)
    assert not rungs(life.pass_days(29), "read_indicators")
    assert rungs(life.pass_days(4), "read_indicators")


def test_indicators_are_read_on_through_a_stall() -> None:
    life = Life().report("indicator_defined", indicator="border", threshold=10)
    life.report("stall_declared", reason=True)

    assert rungs(life.pass_days(35), "read_indicators")


@pytest.mark.parametrize(("alarm_above", "bad", "good"), [(True, 11, 10), (False, 9, 10)])
def test_a_reading_beyond_its_threshold_alerts_once_and_calms_once_a35(
    alarm_above: bool, bad: float, good: float
) -> None:
    life = Life().report("indicator_defined", indicator="border", threshold=10, alarm_above=alarm_above)
    for value in (good, bad, bad, good, good):
        life.report("indicator_read", indicator="border", value=value)

    assert [kind for kind in life.kinds() if kind.startswith("indicator_")] == [
        "indicator_defined", "indicator_read", "indicator_read", "indicator_alerted", "indicator_read",
        "indicator_read", "indicator_calmed", "indicator_read",
    ]  # fmt: skip
    life.refused("report.unknown-id", "indicator_read", indicator="rain", value=1)


def test_an_alert_is_told_at_once() -> None:
    life = Life().report("indicator_defined", indicator="border", threshold=10)
    life.report("indicator_read", indicator="border", value=12)
    assert [rung[2] for rung in rungs(life.pass_days(2), "indicator_alert")] == ["p-01"]
    life.report("indicator_read", indicator="border", value=1)
    assert not asked(life, "indicator_alert")


def test_a_changed_threshold_is_held_against_the_last_reading() -> None:
    life = Life().report("indicator_defined", indicator="border", threshold=10)
    life.report("indicator_read", indicator="border", value=8)
    life.report("indicator_defined", indicator="border", threshold=5)

    assert life.now.indicators["border"].alert
    assert life.kinds()[-1] == "indicator_alerted"


def test_crisis_asks_for_de_escalation_options_until_one_is_drafted_a36() -> None:
    life = drafted(output="de_escalation_option")
    life.pass_days(1)
    life.report("mode_changed", mode="crisis", reason=True)
    assert asked(life, "draft_de_escalation_options"), "an old option does not answer a new crisis"
    life.pass_days(1)
    drafted("R2", life, output="de_escalation_option")
    assert not asked(life, "draft_de_escalation_options")


@pytest.mark.parametrize("output", ["justice_framework", "reintegration_framework"])
def test_post_conflict_asks_for_a_framework_until_one_is_drafted_a37(output: str) -> None:
    life = writing(mode="post_conflict")
    assert asked(life, "draft_recovery_framework")
    drafted(life=life, output=output)
    assert not asked(life, "draft_recovery_framework")


def test_what_is_owed_changes_live_with_the_mode_a38() -> None:
    every = ("read_indicators", "draft_de_escalation_options", "draft_recovery_framework")
    life = Life().report("indicator_defined", indicator="border", threshold=10)
    assert asked(life, *every) == {"read_indicators"}
    life.report("mode_changed", mode="crisis", reason=True)
    assert asked(life, *every) == {"draft_de_escalation_options"}
    life.report("mode_changed", mode="post_conflict", reason=True)
    assert asked(life, *every) == {"draft_recovery_framework"}
    life.report("mode_changed", mode="preventive", reason=True)
    assert asked(life, *every) == {"read_indicators"}


def test_going_back_to_preventive_without_indicators_asks_for_some() -> None:
    life = Life(mode="crisis").report("mode_changed", mode="preventive", reason=True)
    assert asked(life, "define_indicators")
    life.report("indicator_defined", indicator="border", threshold=10)
    assert not asked(life, "define_indicators")
