"""The example Clear Channels, played through the pure core: every expectation holds, and its story can be read."""

from collections import Counter

import pytest

from rehearsal import expect
from rehearsal.play import read_reports
from rehearsal.story import tell
from tests.stories.told import EXAMPLES, Told, charter_of, played

HERE = EXAMPLES / "clear_channels"


@pytest.fixture(scope="module")
def clear_channels() -> Told:
    reports = read_reports("reports.jsonl", (HERE / "reports.jsonl").read_text(encoding="utf-8"))
    return played(charter_of("clear_channels"), reports, expect.read(HERE / "expect.yaml").until)


def test_every_expectation_holds(clear_channels: Told) -> None:
    expectations = expect.read(HERE / "expect.yaml")
    verdicts = expect.judge(expectations, clear_channels.entries, clear_channels.answers, clear_channels.journal.now)

    assert [f"{one.says} {one.why}" for one in verdicts if not one.held] == []
    assert clear_channels.seconds < 10


def test_it_is_what_it_says_three_partners_nineteen_nominees_fourteen_seats(clear_channels: Told) -> None:
    now = clear_channels.journal.now
    kinds = Counter(entry.kind for entry in clear_channels.entries)

    assert (len(now.partners), len(now.vetters), len(now.participants), len(now.seated)) == (3, 3, 19, 14)
    assert [s.online for s in now.sessions.values()] == [True, True, False, True]
    assert (kinds["recommendation_drafted"], kinds["transfer_submitted"]) == (5, 4)
    assert Counter(answer.status.value for answer in clear_channels.answers) == {
        "accepted": 407, "refused": 5, "duplicate": 1,
    }  # fmt: skip


def test_played_again_it_is_the_same_to_the_last_hash(clear_channels: Told) -> None:
    reports = read_reports("reports.jsonl", (HERE / "reports.jsonl").read_text(encoding="utf-8"))
    again = played(charter_of("clear_channels"), reports, expect.read(HERE / "expect.yaml").until)

    assert again.journal.head == clear_channels.journal.head


def test_the_story_tells_the_stall_the_refusals_and_the_numbers(clear_channels: Told) -> None:
    lines = list(tell(clear_channels.entries, answers=clear_channels.answers))
    story = "\n".join(lines)

    assert len(lines) < 130
    assert "The dialogue rested 45 days, 21 Jun to 5 Aug." in story
    assert "Kept silent: 37 reminders" in story
    assert "by the rule sessions.quorum" in story
    assert "escalated to p-01 (manager) Mon 30 Mar 09:00 Baghdad" in story
    assert "413 reports: 407 accepted, 5 refused, 1 duplicate" in story


def test_the_story_names_nobody_unless_it_is_given_the_names(clear_channels: Told) -> None:
    people = {one["id"]: one for one in charter_of("clear_channels")["people"]}
    words = [
        word
        for one in people.values()
        for name in (one["name_latin"], one.get("name_native", ""))
        for word in name.split()
    ]
    story = "\n".join(tell(clear_channels.entries))

    assert [word for word in words if word in story.replace("(", " ").split()] == []
    assert "example.org" not in story
    assert "Salma al-Rawi, p-01 (manager)" in "\n".join(
        tell(clear_channels.entries, lambda id: people[id]["name_latin"])
    )


def test_an_empty_record_has_no_story() -> None:
    assert list(tell([])) == []
