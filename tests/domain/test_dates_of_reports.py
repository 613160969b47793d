"""When a report may say that something happened: not before the opening, not in the future, late as may be."""

from datetime import timedelta

from life import OPENED, Life

from domain.journal import Journal
from workflows.chapter import Chapter


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


def test_the_rulebook_of_the_opening_holds_whatever_release_replays_it() -> None:
    charter = Life().now.charter
    assert Journal.open(charter, OPENED, "manager:p-01", rulebook=7).now.rulebook == 7
    assert Chapter(charter=charter).rulebook == 1, "the first release wrote none down"
