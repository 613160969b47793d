"""The roster: people written down once, reached as they wish, left alone when they ask, erased for good."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from written_records import NOON, chain, list_row, notice

from domain.charter import Person
from domain.outgoing import Seat
from domain.vocabulary import Capacity, ConsentScope
from storage import consents, erasure, institutions, ledger, roster, texts
from storage.about import about_person
from storage.database import Database
from storage.roster_input import (
    DatedCapacity,
    Partnership,
    RosterChannel,
    RosterInstitution,
    RosterPerson,
    RosterWrong,
    read_institution,
    read_person,
)

SARA: dict[str, Any] = {
    "id": "p-1",
    "name_native": "سارا أحمد",
    "name_latin": "Sara Ahmed",
    "languages": ["ckb", "ar"],
    "zone": "Asia/Baghdad",
    "country": "IQ-KR",
    "organisation": "uni-1",
    "category": "academic",
    "channels": [
        {"kind": "phone", "address": "+964 770 000 0000", "preference": 2},
        {"kind": "email", "address": "sara@example.org", "preference": 1},
    ],
}


def sara(**changes: Any) -> RosterPerson:
    return read_person(SARA | changes)


# Writing down


def test_somebody_written_down_is_read_back(database: Database) -> None:
    assert roster.add_person(database, sara(), NOON) == "added"
    found = roster.person(database, "p-1")
    assert found is not None
    given = sara().model_dump(exclude={"channels"})
    assert found.model_dump(include=set(given)) == given
    assert [one.kind for one in found.channels] == ["email", "phone"]
    assert (found.made_at, found.silence) == (NOON, None)
    assert roster.person(database, "p-2") is None


def test_the_same_again_is_unchanged_and_another_content_names_its_fields(database: Database) -> None:
    roster.add_person(database, sara())
    assert roster.add_person(database, sara()) == "unchanged"
    other = sara(name_latin="Sara Karim", zone="Europe/Berlin", channels=[])
    with pytest.raises(RosterWrong, match=r"p-1 .* other name_latin, zone, channels.*--update") as error:
        roster.add_person(database, other)
    assert "Karim" not in str(error.value)
    assert roster.add_person(database, other, update=True) == "updated"
    assert roster.add_person(database, other) == "unchanged"
    assert roster.contact(database, "p-1") == ()


def test_missing_people_are_added_and_known_ones_left_as_they_are(database: Database) -> None:
    roster.add_person(database, sara())
    given = [{"id": "p-1", "country": "TR"}, {"id": "p-2", "language": "ar", "email": "b@example.org"}]
    assert roster.add_missing(database, given) == ["p-2"]
    assert roster.add_missing(database, given) == []
    assert roster.cards(database, ["p-1", "p-2", "p-3"]) == {
        "p-1": {"country": "IQ-KR", "zone": "Asia/Baghdad", "organisation": "uni-1", "language": "ckb"},
        "p-2": {"country": "IQ", "zone": "Asia/Baghdad", "organisation": None, "language": "ar"},
    }
    assert all(Person(**card) for card in roster.cards(database, ["p-1", "p-2"]).values())
    assert [one.id for one in roster.people(database)] == ["p-1", "p-2"]
    assert [one.id for one in roster.people(database, ["p-2"])] == ["p-2"]


def test_of_several_people_all_are_added_or_none(database: Database) -> None:
    with pytest.raises(RosterWrong):
        roster.add_missing(database, [{"id": "p-1"}, {"id": "p-2", "zone": "Baghdad"}])
    assert roster.people(database) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"country": "XX"}, "country: .*is no country"),
        ({"country": "Iraq"}, "country: must match"),
        ({"zone": "Mars/Olympus"}, "zone: .*is no time zone"),
        ({"name_latin": "Sara\nAhmed"}, "name_latin: .*control characters"),
        ({"name_latin": "Sara\u202eAhmed"}, "name_latin: .*control characters"),
        ({"name_native": "س" * 201}, "name_native: .*200"),
        ({"category": "spy"}, "category: "),
        ({"languages": ["Kurdish"]}, "languages.0: must match"),
        ({"nickname": "S"}, "nickname: no such field"),
        ({"email": "sara at example.org"}, "name@example.org"),
        ({"email": "sara@example.org\r\nBcc: all@example.org"}, "channels.0"),
        ({"phone": "none"}, r"\+964"),
        ({"channels": [{"kind": "via_partner"}]}, "name the partner"),
        ({"channels": [{"kind": "apprise", "address": "here"}]}, "kind://"),
        ({"channels": [{"kind": "pigeon"}]}, "channels.0.kind"),
    ],
)
def test_what_is_not_well_formed_is_said_by_field_and_not_repeated(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(RosterWrong, match=why) as error:
        sara(**changes)
    for written in (*changes.values(), "sara@", "Sara", "spy"):
        assert str(written) not in str(error.value)


@pytest.mark.parametrize("name", ["علی‌رضا", "İpek Şahin", "O'Neill-García", "هێمن"])
def test_names_of_many_scripts_are_kept_as_they_are_written(database: Database, name: str) -> None:
    roster.add_person(database, sara(name_native=name))
    found = roster.person(database, "p-1")
    assert found is not None
    assert found.name_native == name


# Reaching


def test_channels_come_in_order_of_preference_without_those_never_to_be_written_to(database: Database) -> None:
    ways = [
        {"kind": "email", "address": "sara@example.org", "never_write": True},
        {"kind": "phone", "address": "+964 770 000 0000", "preference": 5},
        {"kind": "via_partner", "via": "uni-1", "preference": 1},
    ]
    roster.add_person(database, sara(channels=ways))
    assert roster.contact(database, "p-1") == (
        RosterChannel(kind="via_partner", via="uni-1", preference=1),
        RosterChannel(kind="phone", address="+964 770 000 0000", preference=5),
    )
    assert roster.contact(database, "nobody") == ()


def test_nobody_reaches_the_dead_the_erased_and_those_who_asked_for_silence(database: Database) -> None:
    for number, (kind, silence) in enumerate(
        [("person_died", "died"), ("person_erased", "erased"), ("do_not_contact_asked", "do_not_contact")]
    ):
        id = f"p-{number}"
        roster.add_person(database, sara(id=id))
        assert roster.contact(database, id)
        for _ in range(2):
            assert roster.apply_change(database, id, {"kind": kind, "person": id, "at": NOON.isoformat()})
        found = roster.person(database, id)
        assert found is not None
        assert found.silence == silence
        assert roster.contact(database, id) == ()
    assert roster.apply_change(database, "p-2", {"kind": "contact_allowed_again", "at": NOON.isoformat()})
    assert roster.contact(database, "p-2")


def test_changes_that_are_not_about_the_roster_change_nothing(database: Database) -> None:
    assert not roster.apply_change(database, "p-1", {"kind": "person_died"})  # nobody of that id
    roster.add_person(database, sara())
    before = roster.person(database, "p-1")
    assert not roster.apply_change(database, "p-1", {"kind": "partner_signed"})
    assert roster.person(database, "p-1") == before


def test_a_card_that_changed_is_written_down(database: Database) -> None:
    roster.add_person(database, sara())
    report = {"kind": "person_card_changed", "country": "DE", "zone": "Europe/Berlin", "language": "ar"}
    assert roster.apply_change(database, "p-1", report)
    card = roster.cards(database, ["p-1"])["p-1"]
    assert card == {"country": "DE", "zone": "Europe/Berlin", "organisation": "uni-1", "language": "ar"}


def test_somebody_unreachable_is_marked_until_they_are_reached(database: Database) -> None:
    roster.add_person(database, sara())
    for kind, since in (("person_unreachable", NOON), ("person_reachable", None)):
        roster.apply_change(database, "p-1", {"kind": kind, "at": NOON.isoformat()})
        found = roster.person(database, "p-1")
        assert found is not None
        assert found.unreachable_since == since


def test_capacities_are_dated_and_what_was_before_stays(database: Database) -> None:
    roster.add_person(database, sara())
    former = DatedCapacity(capacity=Capacity.FORMER_OFFICIAL, since=date(2020, 1, 1))
    serving = {
        "kind": "capacity_changed",
        "capacity": "serving_official",
        "since": "2026-02-01",
        "evidence": "2026-02-03",
    }
    roster.set_capacity(database, "p-1", former)
    for _ in range(2):
        assert roster.apply_change(database, "p-1", serving)
    found = roster.person(database, "p-1")
    assert found is not None
    assert found.capacities == (
        former,
        DatedCapacity(capacity=Capacity.SERVING_OFFICIAL, since=date(2026, 2, 1), evidence_on=date(2026, 2, 3)),
    )


def test_an_unknown_person_is_said_with_what_to_type(database: Database) -> None:
    with pytest.raises(LookupError, match=r"p-9 is not on the roster.*jisr people add p-9"):
        roster.stop(database, "p-9", NOON)


def test_erasing_somebody_leaves_no_name_in_any_table(database: Database) -> None:
    roster.add_person(database, sara())
    roster.set_capacity(database, "p-1", DatedCapacity(capacity=Capacity.NON_OFFICIAL, since=date(2020, 1, 1)))
    erasure.erase(database, "p-1", NOON)
    with database.reading() as session:
        for table in ("people", "channels", "capacities"):
            held = str(session.execute(text(f"SELECT * FROM {table}")).all())
            assert not any(word in held for word in ("Sara", "سارا", "@", "+964", "uni-1", "academic"))
    with pytest.raises(RosterWrong, match="was erased at their request"):
        roster.add_person(database, sara(), update=True)


# What initiatives know them, what is held about them


def test_live_initiatives_are_those_that_still_run(database: Database) -> None:
    for number, live in ((1, True), (2, False)):
        (entry,) = chain(1, f"ini-{number}")
        seat = Seat(initiative=entry.initiative, person="p-1", standing="accepted", live=live)
        ledger.append(database, [entry], list_row(entry), seats=[seat])
    assert roster.live_initiatives(database, "p-1") == ["ini-1"]


def test_somebody_is_told_all_that_is_held_about_them(database: Database) -> None:
    roster.add_person(database, sara())
    consents.consent(database, "p-1", ConsentScope.STORE, True, NOON)
    about, other = chain(2, fields={"person": "p-1"}), chain(1, fields={"person": "p-10"}, by="vetter:p-1")
    more = [*about, other[0].but(seq=3, prev=about[-1].hash).sealed()]
    seat = Seat(initiative="ini-1", person="p-1", standing="accepted")
    ledger.append(database, more, list_row(more[-1]), [notice()], seats=[seat])
    told = about_person(database, "p-1")
    assert told["person"]["name_latin"] == "Sara Ahmed"
    assert [one["scope"] for one in told["consents"]] == ["store"]
    assert told["initiatives"] == [{"initiative": "ini-1", "standing": "accepted", "live": True}]
    assert [one["ask"] for one in told["messages"]] == ["sign_mou"]
    assert [one["seq"] for one in told["entries"]] == [1, 2, 3]
    assert told["not_searched"] == ["free text"]
    with pytest.raises(LookupError, match="Nothing is held about p-9"):
        about_person(database, "p-9")


def test_texts_are_told_but_for_assessments_and_what_endangers_others(database: Database) -> None:
    roster.add_person(database, sara())
    bodies = ("I would like to come.", "A good listener.", "Weak under pressure.", "Was followed home.")
    mine, statement, assessment, incident = (texts.put(database, "ini-1", body) for body in bodies)
    first = chain(1, kind="contact_logged", fields={"person": "p-1", "note": mine}, by="participant:p-1")[0]
    entries = [first]
    for kind, fields in (
        ("participant_nominated", {"person": "p-1", "statement": statement}),
        ("review_given", {"person": "p-1", "vetter": "p-11", "assessment": assessment}),
        ("incident_reported", {"what": "safety", "at_risk": ["p-1"], "note": incident}),
    ):
        last = entries[-1]
        told = last.but(seq=last.seq + 1, kind=kind, fields=fields, by="vetter:p-11", prev=last.hash)
        entries.append(told.sealed())
    ledger.append(
        database, entries, list_row(entries[-1]), seats=[Seat(initiative="ini-1", person="p-1", standing="x")]
    )

    told = about_person(database, "p-1")

    assert [(one["text"], one["by_them"]) for one in told["texts"]] == [(bodies[0], True), (bodies[1], False)]
    assert told["kept_back"] == 2
    assert "p-11" not in str(told)


def test_consents_are_a_ledger(database: Database) -> None:
    roster.add_person(database, sara())
    for given in (True, True, False, False, True):
        consents.consent(database, "p-1", ConsentScope.PHOTOGRAPH, given, NOON)
    consents.consent(database, "p-1", ConsentScope.PHOTOGRAPH, True, NOON, "ini-1")
    ledger_of_it = [(one.withdrawn_at is None, one.initiative) for one in consents.consents(database, "p-1")]
    assert ledger_of_it == [(False, None), (True, None), (True, "ini-1")]


# Institutions


def test_institutions_are_written_down_once_and_keep_their_history(database: Database) -> None:
    old, new = (read_institution({"id": id, "name_latin": id, "country": "IQ"}) for id in ("uni-1", "uni-2"))
    new = new.but(successor_of="uni-1")
    with pytest.raises(RosterWrong, match="no institution uni-1"):
        institutions.add_institution(database, new)
    assert [institutions.add_institution(database, one) for one in (old, new, new)] == ["added", "added", "unchanged"]
    with pytest.raises(RosterWrong, match="uni-1 is known with other name_latin"):
        institutions.add_institution(database, old.but(name_latin="x"))
    assert institutions.add_institution(database, old.but(name_latin="x"), update=True) == "updated"
    assert institutions.institutions(database) == [old.but(name_latin="x"), new]
    assert institutions.history(database, "uni-2") == ["uni-2", "uni-1"]


def test_partnerships_hold_over_days(database: Database) -> None:
    institutions.add_institution(database, RosterInstitution(id="uni-1"))
    since = date(2026, 1, 1)
    institutions.set_partnership(database, Partnership(institution="uni-1", since=since))
    ended = Partnership(institution="uni-1", since=since, until=date(2026, 6, 30))
    institutions.set_partnership(database, ended)
    assert institutions.partnerships(database) == [ended]
    assert institutions.partnerships(database, date(2026, 6, 30)) == [ended]
    assert institutions.partnerships(database, date(2026, 7, 1)) == []
    with pytest.raises(LookupError, match="no institution uni-9"):
        institutions.set_partnership(database, Partnership(institution="uni-9", since=since))
