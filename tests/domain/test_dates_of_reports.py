"""When a report may say that something happened: not before the opening, not in the future, late as may be."""

from datetime import timedelta

from life import OPENED, Life


def test_nothing_happened_in_the_future() -> None:
    life = Life()
    life.refused(
        "report.in-the-future", "checklist_item_done", item="do_no_harm_screen", at=life.at + timedelta(days=1)
    )


def test_nothing_happened_before_the_opening() -> None:
    life = Life()
    life.pass_days(3)
    life.refused("report.before-opening", "checklist_item_done", item="exit_criteria", at=OPENED - timedelta(days=1))


def test_what_happened_days_ago_is_heard_late_and_keeps_its_day() -> None:
    life = Life()
    life.pass_days(9)
    life.report("checklist_item_done", item="exit_criteria", at=OPENED + timedelta(days=1))
    assert (life.entries[-1].at, life.entries[-1].heard_at) == (OPENED + timedelta(days=1), life.at)
