"""What a channel with a limit may send: never more in any span, however many workers ask."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from written_records import NOON

from channels.rate import read_limits
from storage import sendings
from storage.database import Database


def test_in_no_span_more_is_counted_than_the_limits_say(database: Database) -> None:
    limits = (*read_limits("3/min, 5/hour"),)
    went = []
    at = NOON
    while at < NOON + timedelta(hours=2, minutes=1):
        if sendings.take(database, "email", limits, at) is None:
            went.append(at)
        at += timedelta(seconds=20)

    for most, span in limits:
        assert max(sum(1 for other in went if one <= other < one + span) for one in went) == most
    assert len(went) == 13, "three in the first minute, two in the next, five an hour later, three after two hours"
    free = sendings.take(database, "email", limits, at)
    assert free is None or free > at


def test_channels_are_counted_apart(database: Database) -> None:
    limits = read_limits("1/hour")
    assert sendings.take(database, "email", limits, NOON) is None
    assert sendings.take(database, "apprise", limits, NOON) is None
    assert sendings.take(database, "email", limits, NOON) == NOON + timedelta(hours=1)


def test_workers_that_ask_at_one_moment_get_no_more_between_them(database: Database) -> None:
    limits = read_limits("5/min")
    with ThreadPoolExecutor(8) as workers:
        given = list(workers.map(lambda _: sendings.take(database, "email", limits, NOON), range(24)))
    assert given.count(None) == 5
    assert set(given) == {None, NOON + timedelta(minutes=1)}
