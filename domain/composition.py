"""The rules that must hold for ever: who may sit together, and in which shares. Re-checked on every fact.

A break opens an incident and holds the next gate; it never rewrites what was decided. The rules of the table
(tracks 1.5 and 2) hold strictly; quotas hold; elite concentration only warns.
"""

from collections.abc import Collection, Iterator

from domain.charter import SIDE_TRACKS
from domain.initiative import Initiative
from domain.nouns import Finding, Participant
from domain.rules import Rule, rule
from domain.vocabulary import Gender, Stage, StageStatus, Track

NO_OFFICIALS = rule(
    "composition.no-serving-official",
    "On track 2 no serving official sits at the table.",
    "Offer the person a seat in a linked track 1.5 initiative, or wait until they have left office.",
    "A2, F2.5",
)
AN_OFFICIAL = rule(
    "composition.needs-official",
    "Track 1.5 needs at least one serving official in personal capacity.",
    "Clear and invite an official, or move the initiative to track 2 by opening one linked to it.",
    "A3",
)
A_NON_OFFICIAL = rule(
    "composition.needs-non-official",
    "Track 1.5 needs at least one person who is not in office.",
    "Clear and invite a non-official: a researcher, a former official, a practitioner.",
    "A3, A5",
)
PERSONAL_CAPACITY = rule(
    "composition.personal-capacity",
    "Every official sits in personal capacity, attested and dated.",
    "Report personal_capacity_attested for each official named.",
    "A4",
)
PARTY_SEATS = rule(
    "composition.party-seats",
    "Every party keeps the seats the charter gives it.",
    "Bring somebody from the reserve list of that party, or amend the charter with a reason.",
    "A28, A61",
)
WOMEN = rule(
    "composition.women",
    "The share of women is at least what the charter asks.",
    "Clear and invite women from the reserve list, or amend the charter with a reason.",
    "A61, E3.26",
)
OUTSIDE_CAPITAL = rule(
    "composition.outside-capital",
    "The share of people from outside the capitals is at least what the charter asks.",
    "Clear and invite people from the provinces, or amend the charter with a reason.",
    "A60, A61",
)
FIRST_TIME = rule(
    "composition.first-time",
    "The share of people who are new to such dialogues is at least what the charter asks.",
    "Clear and invite new people, or amend the charter with a reason.",
    "A64",
)
RESERVED_SEATS = rule(
    "composition.reserved-seats",
    "The seats reserved for marginalised voices are filled.",
    "Clear and invite for the reserved seats, or amend the charter with a reason.",
    "A62",
)
CATEGORIES = rule(
    "composition.categories",
    "The table brings together as many walks of life as the charter asks.",
    "Clear and invite people of other categories.",
    "A54, A59",
)
OFFICIALS_SHARE = rule(
    "composition.officials-share",
    "Officials do not outnumber what the charter allows.",
    "Bring in non-officials, or amend the charter with a reason.",
    "A3, A28",
)
SEATS = rule(
    "composition.seats",
    "Not more people are on the roster than there are seats.",
    "Use the reserve list, or amend the charter with a reason.",
    "E2",
)
ELITE = rule(
    "composition.elite-concentration",
    "The circle is not always the same few from the capital.",
    "Look for first-time participants and people from outside the capitals. This is a warning, it holds no gate.",
    "A60",
)
QUORUM = rule(
    "sessions.quorum",
    "Enough of those seated are in the room, and enough of every party.",
    "Wait for more people (attendance counts when the session opens), name alternates, or postpone the session.",
    "E3.8, F4",
)

ALL: tuple[Rule, ...] = (
    NO_OFFICIALS, AN_OFFICIAL, A_NON_OFFICIAL, PERSONAL_CAPACITY, PARTY_SEATS, WOMEN, OUTSIDE_CAPITAL, FIRST_TIME,
    RESERVED_SEATS, CATEGORIES, OFFICIALS_SHARE, SEATS, ELITE,
)  # fmt: skip
WARNS = (ELITE.id,)


def findings(now: Initiative, people: tuple[Participant, ...] | None = None) -> tuple[Finding, ...]:
    """Return how every rule that applies to this track stands, for these people (default: the roster)."""
    people = now.roster if people is None else people
    return tuple(_findings(now, people))


def broken(now: Initiative) -> tuple[Finding, ...]:
    """Return the rules that are broken now; none before the vetting gate was first passed, or after the end."""
    if not watched(now):
        return ()
    return tuple(one for one in findings(now) if not one.met)


def watched(now: Initiative) -> bool:
    """A roster still being filled breaks nothing; from the vetting gate on it must hold."""
    vetting = now.stages[Stage.VETTING]
    return now.closed_at is None and (
        bool(vetting.gates) or vetting.status is StageStatus.SKIPPED or any(s.opened_at for s in now.sessions.values())
    )


def at_table(now: Initiative, session: str) -> tuple[Participant, ...]:
    """Return who has a seat in this session: the seated, with alternates in the place of those they stand in for."""
    replaced = now.sessions[session].replaced
    alternates = [now.participants[other] for other in replaced.values() if other is not None]
    stay = [p for p in now.seated if replaced.get(p.person) is None]
    return (*stay, *(p for p in alternates if p.standing == "reserve"))


def quorum(now: Initiative, session: str, people: Collection[str]) -> tuple[Finding, ...]:
    """Return how the quorum stands when these people are in the room: of all who have a seat, and per party."""
    seated, asked = at_table(now, session), now.charter.quorum
    there = [p for p in seated if p.person in people]
    found = [_share(QUORUM, len(there), len(seated), asked.share) if there else _finding(QUORUM, False, "Nobody.")]
    for party in now.charter.parties if asked.per_party else ():
        count = sum(p.party == party.id for p in there)
        why = f"Party {party.id}: {count} of at least {asked.per_party}."
        found.append(_finding(QUORUM, count >= asked.per_party, why))
    return tuple(found)


def expected(now: Initiative, session: str) -> tuple[str, ...]:
    """Return who can still come to a session: who has a seat, without those whose visa was refused."""
    visas = now.sessions[session].visas
    return tuple(p.person for p in at_table(now, session) if visas.get(p.person) != "refused")


def for_session(now: Initiative, session: str) -> tuple[Finding, ...]:
    """Return what is looked at before a session: the roster's composition and the quorum of who can come."""
    return (*findings(now), *quorum(now, session, expected(now, session)))


def _findings(now: Initiative, people: tuple[Participant, ...]) -> Iterator[Finding]:
    officials = [p for p in people if p.serving]
    quotas = now.charter.quotas
    count = len(people)
    if now.track is Track.TWO:
        yield _finding(NO_OFFICIALS, not officials, _named(officials))
    if now.track is Track.ONE_AND_A_HALF:
        yield _finding(AN_OFFICIAL, bool(officials), f"{len(officials)} of {count}.")
        yield _finding(A_NON_OFFICIAL, len(officials) < count, f"{count - len(officials)} of {count}.")
        sitting = [p for p in officials if p.seated and p.attested_on is None]
        yield _finding(PERSONAL_CAPACITY, not sitting, _named(sitting))
    yield _finding(SEATS, count <= now.charter.seats, f"{count} people, {now.charter.seats} seats.")
    if quotas.officials_at_most < 1 and now.track is not Track.TWO:
        yield _share(OFFICIALS_SHARE, len(officials), count, quotas.officials_at_most, at_most=True)
    if quotas.per_party and now.track not in SIDE_TRACKS:
        short = [
            party.id for party in now.charter.parties if sum(p.party == party.id for p in people) < quotas.per_party
        ]
        yield _finding(PARTY_SEATS, not short, f"Short: {', '.join(short)}." if short else "")
    if quotas.women:
        yield _share(WOMEN, sum(p.gender is Gender.WOMAN for p in people), count, quotas.women)
    if quotas.outside_capital:
        yield _share(OUTSIDE_CAPITAL, sum(p.outside_capital for p in people), count, quotas.outside_capital)
    if quotas.first_time:
        yield _share(FIRST_TIME, sum(p.first_time for p in people), count, quotas.first_time)
    if quotas.marginalised_seats:
        reserved = sum(p.marginalised for p in people)
        yield _finding(RESERVED_SEATS, reserved >= quotas.marginalised_seats, f"{reserved} filled.")
    if quotas.categories:
        kinds = len({p.category for p in people if p.category})
        yield _finding(CATEGORIES, kinds >= quotas.categories, f"{kinds} of {quotas.categories}.")
    if count and now.track not in SIDE_TRACKS:
        repeat = sum(not p.first_time for p in people) / count
        capital = sum(not p.outside_capital for p in people) / count
        fine = repeat <= quotas.repeat_attendees_warn or capital <= quotas.capital_only_warn
        yield _finding(ELITE, fine, f"{repeat:.0%} have sat before, {capital:.0%} come from a capital.")


def _finding(rule: Rule, met: bool, why: str = "") -> Finding:
    return Finding(rule=rule.id, met=met, why=why)


def _share(rule: Rule, part: int, count: int, share: float, at_most: bool = False) -> Finding:
    """Compare a share as whole people, so that 3 of 10 is 30 % and not a rounding error less."""
    met = part <= share * count + 1e-9 if at_most else part + 1e-9 >= share * count
    return _finding(rule, met, f"{part} of {count}, {'at most' if at_most else 'at least'} {share:.0%}.")


def _named(people: list[Participant]) -> str:
    return f"Concerns {', '.join(p.person for p in people)}." if people else ""
