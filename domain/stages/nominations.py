"""Nominations: who is proposed, and on what standing. Only what the rules need is kept, never a name."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import StringConstraints

from domain.charter import Person
from domain.composition import NO_OFFICIALS
from domain.initiative import Initiative, known
from domain.nouns import Participant
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.partners import with_us
from domain.values import Country, Id, Text
from domain.vocabulary import Capacity, Category, Gender, Stage, Track
from domain.working_days import add_months, known_zone

STAGE = Stage.VETTING
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$")]

# Countries with one zone; elsewhere the report says which.
ZONES: Mapping[str, str] = {
    "AE": "Asia/Dubai", "AT": "Europe/Vienna", "BE": "Europe/Brussels", "BH": "Asia/Bahrain",
    "CH": "Europe/Zurich", "DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EG": "Africa/Cairo",
    "FI": "Europe/Helsinki", "FR": "Europe/Paris", "GB": "Europe/London", "IE": "Europe/Dublin",
    "IQ": "Asia/Baghdad", "IR": "Asia/Tehran", "IT": "Europe/Rome", "JO": "Asia/Amman",
    "KW": "Asia/Kuwait", "LB": "Asia/Beirut", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo",
    "OM": "Asia/Muscat", "QA": "Asia/Qatar", "SA": "Asia/Riyadh", "SE": "Europe/Stockholm",
    "SY": "Asia/Damascus", "TR": "Europe/Istanbul", "YE": "Asia/Aden",
}  # fmt: skip

GONE_STANDINGS = ("died", "withdrew", "removed")
# From these a person may be proposed anew, with a reason; whatever was decided before stays in the record.
RENEWABLE = ("rejected", "declined", "expired", "withdrew", "removed")

# --- rules --------------------------------------------------------------------------------------------------
ALREADY_NOMINATED = rule(
    "vetting.already-nominated",
    "The person is nominated already.",
    "Nothing to do: one nomination is enough, whoever proposed it. Somebody rejected, gone or whose "
    "invitation lapsed may be proposed anew with a reason.",
    "E3.28",
)
NEW_ROUND = rule(
    "vetting.new-round-reason",
    "Somebody who was rejected, declined or left is proposed anew only with a reason.",
    "Add one with --reason.",
    "B3, E3.28",
)
KNOWN_ZONE = rule(
    "people.known-zone",
    "Nobody is written to in working hours that are not known.",
    "Add zone=..., a time zone name such as Asia/Baghdad.",
    "E3.30",
)
KNOWN_PARTY = rule(
    "vetting.known-party",
    "A nominee sits for one of the parties of the charter, or for none.",
    "Choose a party from `jisr show ID`, or leave party out.",
    "A14, A28",
)
DATED_AHEAD = rule(
    "people.dated-ahead",
    "A capacity, its evidence or an attestation is dated in the future.",
    "Report it on the day it is so.",
    "A5",
)
GONE = rule(
    "people.gone",
    "The person has died, was erased or is no longer with this initiative.",
    "Somebody who came back: participant_reinstated or a new participant_nominated, with a reason. Never for "
    "the dead or the erased.",
    "E3.9, E3.10",
)
STANDING = rule(
    "vetting.standing",
    "The nominee does not stand where this milestone needs them.",
    "See where they stand with `jisr show ID`.",
    "B3",
)
EXPIRED = rule(
    "vetting.expired",
    "The vetting is older than the charter lets it be.",
    "Look at the person again and report vetting_renewed, or take the decision anew.",
    "E3.8, E3.22, F4",
)


# --- what the rooms about people share ----------------------------------------------------------------------
def nominee(now: Initiative, person: str) -> Participant:
    """Return a nominee who is still there. Raises: Refused report.unknown-id, people.gone."""
    found = known(now.participants, person, "nominee")
    require(found.standing not in GONE_STANDINGS and not found.erased, GONE, f"{person} stands {found.standing}.")
    return found


def not_ahead(day: date | None, said: Said) -> None:
    """Refuse a day that has begun nowhere on earth yet. Raises: Refused people.dated-ahead."""
    today = (said.at.astimezone(UTC) + timedelta(hours=14)).date()
    require(day is None or day <= today, DATED_AHEAD, f"{day} is ahead.")


def no_official_on_track_two(now: Initiative, person: str, capacity: Capacity) -> None:
    """Raises: Refused composition.no-serving-official."""
    official = now.track is Track.TWO and capacity is Capacity.SERVING_OFFICIAL
    require(not official, NO_OFFICIALS, f"Concerns {person}.")


def valid_vetting(now: Initiative, p: Participant, at: datetime) -> None:
    """Raises: Refused vetting.expired."""
    fresh = p.vetted_at is not None and not older(p.vetted_at, now.charter.patience.vetting_months, at)
    require(fresh, EXPIRED, f"{p.person}: {p.vetted_at.date() if p.vetted_at else 'not vetted'}.")


def gone(now: Initiative, person: str, standing: str, said: Said) -> Initiative:
    """Return the initiative after somebody left; what they were before is kept, to be taken up again."""
    p = now.participants[person]
    before = p.before if p.standing in ("suspended", "barred") else p.standing
    return now.change("participants", person, standing=standing, before=before, left_at=said.at)


def older(then: datetime, months: int, at: datetime) -> bool:
    """Tell whether more than so many months lie between two moments, counted in days of UTC."""
    return add_months(then.astimezone(UTC).date(), months) < at.astimezone(UTC).date()


def with_capacity(p: Participant, capacity: Capacity, since: date, evidence: date | None) -> Participant:
    """Return the person with one more dated capacity; what was heard late takes its place in the past."""
    dated = tuple(sorted((*p.capacities, (capacity, since)), key=lambda one: one[1]))
    if dated[-1] != (capacity, since):
        return p.but(capacities=dated)
    attested = p.attested_on if capacity is p.capacity else None
    return p.but(
        capacities=dated,
        capacity=capacity,
        capacity_since=since,
        capacity_evidence=evidence,
        attested_on=attested,
    )


def zone_of(now: Initiative, person: str, country: str | None, zone: str | None) -> str | None:
    """Return the zone given, else the one known, else the country's only one."""
    card = now.people.get(person)
    if zone is not None:
        return zone
    if card is not None and country in (None, card.country):
        return card.zone
    return ZONES.get((country or "")[:2])


def known_working_hours(now: Initiative, person: str, country: str | None, zone: str | None) -> None:
    """Raises: Refused people.known-zone."""
    found = zone_of(now, person, country, zone)
    require(found is not None and known_zone(found), KNOWN_ZONE, f"Concerns {person}.")


def with_card(
    now: Initiative,
    person: str,
    country: str | None = None,
    zone: str | None = None,
    language: str | None = None,
    organisation: str | None = None,
) -> Initiative:
    """Return the initiative with a person's card changed where something new is said."""
    card = now.people.get(person) or Person(country=now.person(person).country)
    said = {
        "country": country,
        "zone": zone_of(now, person, country, zone),
        "language": language,
        "organisation": organisation,
    }
    return now.put("people", person, card.but(**{name: value for name, value in said.items() if value}))


# --- milestones ---------------------------------------------------------------------------------------------
class ParticipantNominated(Milestone):
    """Somebody was proposed for the table, in the capacity they have today; it is dated and may change."""

    stage = STAGE
    person: Id
    partner: Id | None = None
    organisation: Id | None = None
    country: Country
    zone: str | None = None
    language: Language | None = None
    party: Id | None = None
    capacity: Capacity
    capacity_since: date | None = None
    capacity_evidence: date | None = None
    gender: Gender | None = None
    category: Category | None = None
    outside_capital: bool = False
    first_time: bool = False
    marginalised: bool = False
    statement: Text | None = None  # why this person: standing, reach, credibility

    def allow(self, now: Initiative, said: Said) -> None:
        before = now.participants.get(self.person)
        died = f"died:{self.person}" in now.marks or f"erased:{self.person}" in now.marks
        if before is not None:
            died = died or before.erased or before.standing == "died"
        require(not died, GONE, f"Concerns {self.person}.")
        if before is not None:
            require(before.standing in RENEWABLE, ALREADY_NOMINATED, f"{self.person} stands {before.standing}.")
            require(said.reason is not None, NEW_ROUND, f"{self.person} stood {before.standing}.")
        known_working_hours(now, self.person, self.country, self.zone)
        require(self.party is None or now.party(self.party) is not None, KNOWN_PARTY, f"No party {self.party}.")
        if self.partner is not None:
            with_us(now, self.partner)
        not_ahead(self.capacity_since, said)
        not_ahead(self.capacity_evidence, said)
        no_official_on_track_two(now, self.person, self.capacity)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        given = {name: getattr(self, name) for name in type(self).model_fields if name in Participant.model_fields}
        fresh = Participant(
            **given,
            nominated_by=said.by,
            nominated_at=said.at,
            capacities=((self.capacity, self.capacity_since),) if self.capacity_since else (),
            do_not_contact=f"do_not_contact:{self.person}" in now.marks,
        )
        before = now.participants.get(self.person)
        if before is not None:
            kept = (
                "invitations",
                "consents",
                "do_not_contact",
                "unreachable_since",
                "activities",
                "conflicted",
            )
            fresh = fresh.but(round=before.round + 1, **{name: getattr(before, name) for name in kept})
        now = now.put("participants", self.person, fresh)
        return with_card(now, self.person, self.country, self.zone, self.language, self.organisation)


class NomineeWithdrawn(Milestone):
    """Whoever proposed a nominee took the proposal back, before the person was invited."""

    stage = STAGE
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        fine = p.standing in ("nominated", "reopened", "reserve", "cleared", "pending_individual")
        require(fine, STANDING, f"{self.person} stands {p.standing}; report participant_withdrew.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return gone(now, self.person, "withdrew", said)


class CapacityVerified(Milestone):
    """It was looked up in what capacity a nominee comes. It may correct what was given before."""

    stage = STAGE
    person: Id
    evidence: date
    capacity: Capacity | None = None
    since: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        nominee(now, self.person)
        not_ahead(self.evidence, said)
        not_ahead(self.since, said)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        p = now.participants[self.person]
        capacity, since = self.capacity or p.capacity, self.since or p.capacity_since
        attested = p.attested_on if capacity is p.capacity else None
        dated = tuple(one for one in p.capacities if since is None or one[1] < since)
        verified = p.but(
            capacity=capacity,
            capacity_since=since,
            capacity_evidence=self.evidence,
            attested_on=attested,
            capacities=(*dated, (capacity, since)) if since else dated,
        )
        return now.put("participants", self.person, verified)


class SafetyConsulted(Milestone):
    """Somebody who knows the ground said whether coming puts the nominee at risk."""

    stage = STAGE
    person: Id
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        nominee(now, self.person)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("participants", self.person, safety_consulted_at=said.at)
