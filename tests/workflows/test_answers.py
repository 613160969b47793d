"""A participant answers by the link in their message: looking does nothing, and yes is theirs alone."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from activities.record import calendars_for
from cli.setup import make_home
from client import Jisr, utc_now
from domain.working_days import is_working_day
from errors import Forbidden, InvalidInput
from storage import roster
from storage.about import about_person
from tests.conftest import House
from tests.workflows import story
from tests.workflows.watching import MANAGER, caught_up, charter, handle_of, kinds, recorded, until

PAGE = "https://answers.example.org/a"
LINK = re.compile(re.escape(PAGE) + r"/([a-z2-7]{52})")
CANARY = "Shirin Canary"


@dataclass
class Table:
    """An initiative in which somebody was invited, and the client of whoever answers."""

    house: House
    jisr: Jisr
    id: str

    async def link(self, person: str, ask: str = "answer_invitation", but: tuple[str, ...] = ()) -> str:
        """Return the token in the newest message that asks somebody for this; wait for the message."""

        async def found() -> str:
            for file in sorted(self.house.settings.outbox.rglob(f"*-{person}-{ask}-*.txt"), reverse=True):
                token = LINK.search(file.read_text(encoding="utf-8"))
                if token and token[1] not in but:
                    return token[1]
            return ""

        return await until(found)

    async def report(self, *lines: dict[str, Any]) -> None:
        answers = await self.jisr.report_many(self.id, lines)
        assert {one.status for one in answers} == {"accepted"}, answers

    async def entry(self, kind: str) -> Any:
        entries = await caught_up(self.jisr, self.id)
        return [one for one in entries if one.kind == kind][-1]


def next_morning() -> datetime:
    """Return ten o'clock in Baghdad on the next working day: whoever is written to is at work."""
    day = utc_now().date()
    while True:
        day += timedelta(days=1)
        if is_working_day(day, calendars_for(["IQ"], day, None)["IQ"]):
            return datetime.combine(day, time(7), UTC)


@asynccontextmanager
async def table(house: House, *people: str, **nominated: Any) -> AsyncIterator[Table]:
    """Open an initiative on a working morning that writes at once to whom it invites, and invite these people."""
    house.settings = house.settings.model_copy(update={"answer_url": PAGE})
    make_home(house.settings)
    at_once = {name: {"rungs": [{"offset": "0wd", "act": "tell"}]} for name in ("invitation", "consent")}
    given = charter(**story.SMALL, ladders=at_once, digests=False)
    given["people"] = [{"id": id, **card} for id, card in given["people"].items()]
    given["people"] += [{"id": one, "name_latin": CANARY, "zone": "Asia/Baghdad", "country": "IQ"} for one in people]
    async with house.worker(), house.client() as jisr:
        opening = await asyncio.to_thread(jisr.desk.opening, given)
        await jisr.open_prepared(opening, MANAGER, shift=(next_morning() - utc_now()).total_seconds())
        told = Table(house, jisr, opening.charter.id)
        await told.report(story.said("stage_begun_early", of="vetting", reason=story.REASON))
        for person in people:
            await told.report(*story.seated(person, "IQ", **nominated)[:-3])
        yield told


async def test_somebody_says_yes_by_the_link_in_their_message(house: House) -> None:
    async with table(house, "p-20") as at:
        token = await at.link("p-20")
        before = await caught_up(at.jisr, at.id)

        page = await at.jisr.answer_page(token)
        assert [one["verb"] for one in page["verbs"]] == ["yes", "no", "another_date", "language", "stop"]
        assert page["for"] == "p…0"
        assert page["given"] is None
        assert "p-20" not in json.dumps(page)
        assert recorded(house.database, at.id) == before

        answer = await at.jisr.answer(f"{PAGE}/{token}", "yes")
        assert answer.status == "accepted", answer
        entry = await at.entry("invitation_answered")
        assert (entry.by, entry.fields["answer"]) == ("participant:p-20", "accepted")
        assert not entry.fields["on_behalf_of_person"]
        assert (await at.jisr.answer_page(token))["given"]["verb"] == "yes"


async def test_a_double_click_counts_once_and_another_answer_only_as_the_rules_allow(house: House) -> None:
    async with table(house, "p-20") as at:
        token = await at.link("p-20")
        both = await asyncio.gather(at.jisr.answer(token, "no"), at.jisr.answer(token, "no"))
        assert sorted(one.status for one in both) == ["accepted", "duplicate"]
        assert (await at.jisr.answer(token, "yes")).status == "accepted"  # a late yes counts while there is a seat
        assert (await at.jisr.answer(token, "yes")).status == "duplicate"
        refused = await at.jisr.answer(token, "no")
        assert (refused.status, refused.rule) == ("refused", "invitations.invited-only")
        assert (await at.jisr.answer_page(token))["given"]["verb"] == "yes"
        assert (await at.jisr.answer(token, "yes")).status == "duplicate"

        await caught_up(at.jisr, at.id)
        assert kinds(house.database, at.id).count("invitation_answered") == 2


async def test_a_link_answers_its_own_ask_for_its_own_person(house: House) -> None:
    async with table(house, "p-20", "p-21") as at:
        token = await at.link("p-20")
        with pytest.raises(InvalidInput, match="has no field 'person'"):
            await at.jisr.answer(token, "yes", person="p-21")
        with pytest.raises(InvalidInput, match="Choose one of yes"):
            await at.jisr.answer(token, "attest", i_am="p-20")
        with pytest.raises(Forbidden, match="nobody else"):
            await at.jisr.answer(token, "yes", i_am="p-21")
        for forged in ("", "a" * 52, token[:-1], token[:-1] + ("a" if token[-1] != "a" else "b")):
            with pytest.raises(Forbidden, match="no link of ours"):
                await at.jisr.answer(forged, "yes")
        assert "invitation_answered" not in kinds(house.database, at.id)


async def test_an_expired_link_only_lets_its_reader_stop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with table(house, "p-20") as at:
        token = await at.link("p-20")
        monkeypatch.setattr("client.utc_now", lambda: utc_now() + timedelta(days=60))
        for looking in (at.jisr.answer_page(token), at.jisr.answer(token, "yes")):
            with pytest.raises(Forbidden, match=r"good until.*Ask the person"):
                await looking
        assert (await at.jisr.answer(token, "stop")).status == "accepted"


async def test_e3_13_a_link_forwarded_to_a_deputy_answers_for_its_addressee_only(house: House) -> None:
    today = utc_now().date().isoformat()
    official = {"capacity": "serving_official", "capacity_since": "2024-01-01", "capacity_evidence": today}
    async with table(house, "p-20", "p-21", **official) as at:
        for person in ("p-20", "p-21"):
            assert (await at.jisr.answer(await at.link(person), "yes")).status == "accepted"
        forwarded = await at.link("p-20", ask="attest_personal_capacity")
        page = await at.jisr.answer_page(forwarded)
        assert page["verbs"][0]["says"].startswith("I am p…0.")

        for deputy in ("p-21", "p-2", ""):
            with pytest.raises((Forbidden, InvalidInput)):
                await at.jisr.answer(forwarded, "attest", i_am=deputy)
        assert "personal_capacity_attested" not in kinds(house.database, at.id)
        assert (await at.jisr.answer(forwarded, "attest", i_am="p-20")).status == "accepted"
        entry = await at.entry("personal_capacity_attested")
        assert (entry.by, entry.fields["person"]) == ("participant:p-20", "p-20")


async def test_a_second_invitation_is_answered_by_its_own_link(house: House) -> None:
    async with table(house, "p-20") as at:
        first = await at.link("p-20")
        assert (await at.jisr.answer(first, "another_date", reason="After the holiday.")).status == "accepted"
        assert (await at.entry("invitation_answered")).reason.startswith("text:")
        await at.report(story.said("invitation_sent", person="p-20"))
        second = await at.link("p-20", but=(first,))

        with pytest.raises(Forbidden, match="later message"):
            await at.jisr.answer(first, "yes")
        assert (await at.jisr.answer(second, "yes")).status == "accepted"


async def test_consent_is_given_scope_by_scope_and_taken_back_by_the_same_link(house: House) -> None:
    async with table(house, "p-20") as at:
        await at.jisr.answer(invitation := await at.link("p-20"), "yes")
        token = await at.link("p-20", ask="give_consent")
        assert token != invitation
        with pytest.raises(InvalidInput, match="scopes"):
            await at.jisr.answer(token, "consent", scopes="everything")
        assert (await at.jisr.answer(token, "consent", scopes="participate,store")).status == "accepted"
        given = await at.entry("consent_given")
        assert (given.by, given.fields["scopes"]) == ("participant:p-20", ["participate", "store"])
        assert (await at.jisr.answer(token, "withdraw", scopes="store")).status == "accepted"
        again = await at.jisr.answer(token, "consent", scopes="participate,store")
        assert again.status == "accepted"  # said again after it was taken back, it is no duplicate


async def test_who_says_stop_is_not_written_to_and_their_link_does_nothing_more(house: House) -> None:
    async with table(house, "p-20") as at:
        token = await at.link("p-20")
        assert (await at.jisr.answer(token, "stop")).status == "accepted"
        known = roster.person(house.database, "p-20")
        assert known is not None
        assert known.silence == "do_not_contact"

        async def heard() -> bool:
            return "do_not_contact_asked" in kinds(house.database, at.id)

        await until(heard)
        assert (await at.entry("do_not_contact_asked")).by == "participant:p-20"
        assert [one["verb"] for one in about_person(house.database, "p-20")["answers"]] == ["stop"]
        assert (await at.jisr.answer(token, "stop")).status == "duplicate"
        for looking in (
            at.jisr.answer_page(token),
            at.jisr.answer(token, "yes"),
            at.jisr.answer(token, "language", language="ar"),
        ):
            with pytest.raises(Forbidden, match="any more"):
                await looking


async def test_who_chooses_a_language_is_asked_in_it(house: House) -> None:
    async with table(house, "p-20") as at:
        token = await at.link("p-20")
        assert (await at.jisr.answer(token, "language", language="ckb")).status == "accepted"
        assert (await at.jisr.answer(token, "language", language="ckb")).status == "duplicate"
        assert (await at.jisr.answer_page(token))["language"] == "ckb"

        async def heard() -> bool:
            return kinds(house.database, at.id).count("person_card_changed") == 1

        await until(heard)


async def test_a_manager_records_an_answer_for_somebody_and_it_is_marked(house: House) -> None:
    async with table(house, "p-20") as at:
        said = await at.jisr.report(at.id, "invitation_answered", answer="accepted", on_behalf_of="p-20", by=MANAGER)
        assert said.status == "accepted", said
        entry = await at.entry("invitation_answered")
        assert (entry.by, entry.fields["person"], entry.fields["on_behalf_of_person"]) == (MANAGER, "p-20", True)


async def test_neither_a_token_nor_a_name_reaches_the_engine_or_a_log(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with table(house, "p-20") as at:
        token = await at.link("p-20")
        await at.jisr.answer(token, "another_date", reason=f"{CANARY} travels.")
        await at.jisr.answer(token, "stop")
        with pytest.raises(Forbidden) as refused:
            await at.jisr.answer(token, "yes")
        history = (await handle_of(house.engine, at.id).fetch_history()).to_json()
    logged = caplog.text + "".join(capfd.readouterr())

    assert "participant:p-20" in _decoded(history)
    for place in (history, _decoded(history), logged, str(refused.value)):
        assert token not in place
        assert CANARY not in place
    database = house.settings.home / "jisr.db"
    assert token.encode() not in await asyncio.to_thread(database.read_bytes)


def _decoded(history: str) -> str:
    """Return the payloads of a history in the clear: they stand there in base64."""
    import base64  # noqa: PLC0415

    return "\n".join(
        base64.b64decode(one).decode(errors="replace") for one in re.findall(r'"data":\s*"([A-Za-z0-9+/=]+)"', history)
    )
