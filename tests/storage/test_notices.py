"""The delivery ledger: each message once, each to one worker, and never silently forgotten."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from written_records import NOON, chain, list_row, notice

from domain.outgoing import Errand, Notice
from domain.record import Entry
from storage import errands, ledger, notices
from storage.database import Database

Recorded = Callable[..., list[Entry]]
ROOT = Path(__file__).parents[2]
CLAIM = """
import sys
from datetime import UTC, datetime
from storage import notices
from storage.database import open_database

database = open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
while found := notices.claim(database, "ini-1", sys.argv[2], datetime(2026, 3, 1, tzinfo=UTC), 7):
    print(*(one.id for one in found), flush=True)
    if sys.argv[3:] == ["hang"]:
        sys.stdin.readline()
"""


def worker(url: str, name: str, *how: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", CLAIM, url, name, *how]
    return subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_notices_are_claimed_the_longest_due_first(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice(3), notice(1), notice(2)])
    first, second = notices.claim(database, "ini-1", "w-1", NOON, limit=2)
    assert (first.notice, second.notice) == (notice(1), notice(2))
    assert (first.id, first.status, first.claimed_by, first.claimed_at) == (notice(1).id(), "claimed", "w-1", NOON)
    assert [one.notice for one in notices.claim(database, "ini-1", "w-2", NOON)] == [notice(3)]
    assert notices.claim(database, "ini-1", "w-1", NOON) == notices.claim(database, "ini-2", "w-1", NOON) == []


def test_the_same_rung_to_the_same_person_is_one_notice_whatever_else_differs(
    database: Database, recorded: Recorded
) -> None:
    last = recorded(1, notices=[notice(1)])[-1]
    again = [notice(1, ask="other"), notice(1, rung=1), notice(1, recipient="p-2")]
    assert ledger.append(database, [], list_row(last), again).waiting == 3
    assert [one.notice.ask for one in notices.of_initiative(database, "ini-1")] == ["sign_mou"] * 3


def test_threads_that_claim_at_once_never_get_the_same_notice(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice(number) for number in range(100)])

    def drain(name: str) -> list[str]:
        got: list[str] = []
        while found := notices.claim(database, "ini-1", name, NOON, limit=3):
            got += [one.id for one in found]
        return got

    with ThreadPoolExecutor(6) as threads:
        got = [id for found in threads.map(drain, [f"w-{n}" for n in range(6)]) for id in found]
    assert len(got) == len(set(got)) == 100


def test_processes_that_claim_at_once_never_get_the_same_notice(
    url: str, database: Database, recorded: Recorded
) -> None:
    recorded(1, notices=[notice(number) for number in range(100)])
    workers = [worker(url, f"w-{n}") for n in range(2)]
    for one in workers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    got = [id for said in _both_at_once(workers) for id in said.split()]
    assert len(got) == len(set(got)) == 100


def _both_at_once(workers: list[subprocess.Popen[str]]) -> list[str]:
    with ThreadPoolExecutor(len(workers)) as threads:
        return list(threads.map(lambda one: one.communicate("go\n", timeout=60)[0], workers))


def test_a_worker_killed_between_claim_and_settle_leaves_its_notices_claimed(
    url: str, database: Database, recorded: Recorded
) -> None:
    recorded(1, notices=[notice(number) for number in range(10)])
    killed = worker(url, "w-1", "hang")
    assert killed.stdin is not None
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.stdin.write("go\n")
    killed.stdin.flush()
    claimed = killed.stdout.readline().split()
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert len(claimed) == 7
    assert notices.counts(database) == {"claimed": 7, "waiting": 3}
    assert len(notices.claim(database, "ini-1", "w-2", NOON)) == 3  # nobody sends what may have been sent
    stale = notices.stale_claims(database, "ini-1", NOON - timedelta(hours=1))
    assert sorted(one.id for one in stale) == sorted(claimed)
    assert all(notices.settle(database, one.id, "unknown", NOON) for one in stale)
    assert sorted(one.id for one in notices.unknown(database)) == sorted(claimed)
    assert notices.unknown(database, "ini-2") == []


def test_a_claim_is_stale_only_after_a_while(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice()])
    notices.claim(database, "ini-1", "w-1", NOON)
    assert notices.stale_claims(database, "ini-1", NOON) == []
    assert len(notices.stale_claims(database, "ini-1", NOON + timedelta(seconds=1))) == 1


def test_settling_says_what_became_of_it_once(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice()])
    id = notices.claim(database, "ini-1", "w-1", NOON)[0].id
    assert notices.settle(database, id, "sent", NOON, "email", "<1@jisr>", "250")
    assert not notices.settle(database, id, "sent", NOON, "email", "<1@jisr>", "250")
    (found,) = notices.of_initiative(database, "ini-1")
    assert (found.status, found.channel, found.message_id, found.detail) == ("sent", "email", "<1@jisr>", "250")
    assert found.settled_at == NOON


@pytest.mark.parametrize("later", ["unknown", "rejected", "suppressed", "waiting"])
def test_what_was_sent_stays_sent(database: Database, recorded: Recorded, later: str) -> None:
    recorded(1, notices=[notice()])
    id = notices.claim(database, "ini-1", "w-1", NOON)[0].id
    notices.settle(database, id, "sent", NOON)
    assert not notices.settle(database, id, later, NOON)  # type: ignore[arg-type]
    assert notices.counts(database) == {"sent": 1}


def test_the_unknown_may_turn_out_to_have_been_sent(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice()])
    id = notices.claim(database, "ini-1", "w-1", NOON)[0].id
    assert notices.settle(database, id, "unknown", NOON)
    assert not notices.settle(database, id, "waiting", NOON)  # never sent twice by the engine itself
    assert notices.settle(database, id, "sent", NOON)


def test_a_claim_given_back_can_be_taken_again(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice()])
    id = notices.claim(database, "ini-1", "w-1", NOON)[0].id
    assert notices.settle(database, id, "waiting", NOON, detail="451")
    (again,) = notices.claim(database, "ini-1", "w-2", NOON)
    assert (again.id, again.claimed_by, again.settled_at) == (id, "w-2", None)


def test_what_a_mail_server_said_is_not_kept(database: Database, recorded: Recorded) -> None:
    recorded(1, notices=[notice()])
    id = notices.claim(database, "ini-1", "w-1", NOON)[0].id
    notices.settle(database, id, "rejected", NOON, detail="550 5.1.1 <sara@example.org> unknown")
    assert notices.of_initiative(database, "ini-1")[0].detail == "not-a-code"


def test_settling_what_is_not_there_is_said(database: Database) -> None:
    with pytest.raises(LookupError, match="no notice 77"):
        notices.settle(database, "77", "sent", NOON)


def test_the_id_of_a_notice_is_worked_out_from_what_makes_it_one() -> None:
    one: Notice = notice(1)
    assert one.id() == notice(1, ask="other", due_at=NOON).id()
    assert len({one.id(), notice(2).id(), notice(1, rung=1).id(), notice(1, "ini-2").id()}) == 4


# Errands


def test_errands_wait_until_they_are_settled_and_are_there_once(database: Database) -> None:
    (entry,) = chain(1)
    told = [Errand(initiative="ini-1", to=f"ini-{n}", key=f"ini-1/1/{n}", report={"kind": "x", "n": n}) for n in (2, 3)]
    assert ledger.append(database, [entry], list_row(entry), errands=[*told, told[0]]).errands == 2
    assert errands.waiting(database, "ini-1") == told
    assert errands.waiting(database, "ini-2") == []
    assert errands.settle(database, told[0], "refused", NOON, "report.unknown-id")
    assert not errands.settle(database, told[0], "done", NOON)
    assert errands.waiting(database, "ini-1") == told[1:]
    assert ledger.append(database, [entry], list_row(entry), errands=told).errands == 1
