"""Whom we may and can reach: the dead, the erased, those who asked for silence, those no message reaches.

Every report here is taken of anybody the initiative knows: participant, vetter, role holder, focal point.
"""

from domain.initiative import UNKNOWN_ID, Initiative
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.nominations import GONE, GONE_STANDINGS, Language, gone, known_working_hours, with_card
from domain.values import Country, Id
from domain.vocabulary import Role

ALREADY = rule(
    "people.already",
    "That is so already.",
    "Nothing to do: the first report counts.",
    "F2.8, E3.23",
)
CARD_CHANGE = rule(
    "people.card-change",
    "A change of somebody's card says what changed.",
    "Give country, zone, language or organisation.",
    "E3.30",
)


# --- who, and in which state --------------------------------------------------------------------------------
def somebody(now: Initiative, person: str) -> None:
    """Take anybody the initiative knows, in whatever role. Raises: Refused report.unknown-id."""
    focal = {who for partner in now.partners.values() for who in (partner.focal, partner.deputy)}
    places = (now.participants, now.people, now.roles.values(), now.vetters, focal)
    require(any(person in place for place in places), UNKNOWN_ID, f"No person {person} here.")


def living(now: Initiative, person: str) -> None:
    """Raises: Refused report.unknown-id, people.gone for the dead and the erased."""
    somebody(now, person)
    require(not _is(now, person, "died") and not _is(now, person, "erased"), GONE, f"Concerns {person}.")


def _is(now: Initiative, person: str, word: str) -> bool:
    """Tell whether a word (died, erased, do_not_contact, unreachable) is true of somebody in any role."""
    p = now.participants.get(person)
    own = (
        p is not None
        and {
            "died": p.standing == "died",
            "erased": p.erased,
            "do_not_contact": p.do_not_contact,
            "unreachable": p.unreachable_since is not None,
        }[word]
    )
    return own or f"{word}:{person}" in now.marks


def _unmarked(now: Initiative, word: str, person: str) -> Initiative:
    return now.but(marks={name: at for name, at in now.marks.items() if name != f"{word}:{person}"})


def _without_duties(now: Initiative, person: str, said: Said) -> Initiative:
    """Take somebody out of every role they hold, as long as somebody is left who answers for the whole."""
    left = {role: who for role, who in now.roles.items() if who != person}
    if not {Role.MANAGER, Role.DEPUTY, Role.DIRECTOR} & set(left):
        left |= {role: who for role, who in now.roles.items() if role is Role.MANAGER}
    former = tuple((role, person, said.at) for role in now.roles if role not in left)
    for partner in now.partners.values():
        if person in (partner.focal, partner.deputy):
            focal = partner.deputy if partner.focal == person else partner.focal
            now = now.change("partners", partner.id, focal=focal, deputy=None)
    vetters = tuple(one for one in now.vetters if one != person)
    return now.but(roles=left, former_roles=(*now.former_roles, *former), vetters=vetters)


# --- milestones -----------------------------------------------------------------------
class PersonDied(Milestone):
    """Somebody died. Every path to them stops; they are nowhere shown as not having answered."""

    closed_too = True
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        somebody(now, self.person)
        require(not _is(now, self.person, "died"), ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = _without_duties(now, self.person, said).mark(f"died:{self.person}", said.at)
        return gone(now, self.person, "died", said) if self.person in now.participants else now


class PersonErased(Milestone):
    """What names somebody was destroyed at their request; what is pseudonymous stays."""

    closed_too = True
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        somebody(now, self.person)
        require(not _is(now, self.person, "erased"), ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = _without_duties(now, self.person, said).mark(f"erased:{self.person}", said.at)
        p = now.participants.get(self.person)
        if p is None:
            return now
        if p.standing not in GONE_STANDINGS:
            now = gone(now, self.person, "withdrew", said)
        return now.change("participants", self.person, erased=True)


class DoNotContactAsked(Milestone):
    """Somebody asked not to be written to."""

    closed_too = True
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.person)
        require(not _is(now, self.person, "do_not_contact"), ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if self.person in now.participants:
            return now.change("participants", self.person, do_not_contact=True)
        return now.mark(f"do_not_contact:{self.person}", said.at)


class ContactAllowedAgain(Milestone):
    """Somebody who had asked for silence may be written to again. Nothing is chased from before."""

    closed_too = True
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.person)
        require(_is(now, self.person, "do_not_contact"), ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = _unmarked(now, "do_not_contact", self.person)
        if self.person in now.participants:
            now = now.change("participants", self.person, do_not_contact=False, chase_from=said.at)
        return now


class PersonUnreachable(Milestone):
    """Messages to somebody come back. That is no answer: the chase rests, somebody finds another way."""

    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.person)
        require(not _is(now, self.person, "unreachable"), ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if self.person in now.participants:
            return now.change("participants", self.person, unreachable_since=said.at)
        return now.mark(f"unreachable:{self.person}", said.at)


class PersonReachable(Milestone):
    """Somebody can be reached again. Nothing is chased from before."""

    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.person)
        require(_is(now, self.person, "unreachable"), ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = _unmarked(now, "unreachable", self.person)
        if self.person in now.participants:
            now = now.change("participants", self.person, unreachable_since=None, chase_from=said.at)
        return now


class PersonCardChanged(Milestone):
    """Somebody moved, works elsewhere or reads another language."""

    person: Id
    country: Country | None = None
    zone: str | None = None
    language: Language | None = None
    organisation: Id | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.person)
        given = (self.country, self.zone, self.language, self.organisation)
        require(any(given), CARD_CHANGE)
        if self.country is not None or self.zone is not None:
            known_working_hours(now, self.person, self.country, self.zone)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if self.person in now.participants:
            p = now.participants[self.person]
            moved = p.but(country=self.country or p.country, organisation=self.organisation or p.organisation)
            now = now.put("participants", self.person, moved)
        return with_card(now, self.person, self.country, self.zone, self.language, self.organisation)


class MailHoldDeclared(Milestone):
    """Nothing gets through to a country (shutdown, bounces): nobody there is chased."""

    country: Country

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.country not in now.held_countries, ALREADY, f"Country {self.country}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("held_countries", self.country, said.at)


class MailHoldLifted(Milestone):
    """Messages reach a country again. Nothing is chased from before."""

    country: Country

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.country in now.held_countries, ALREADY, f"Country {self.country}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        held = {one: at for one, at in now.held_countries.items() if one != self.country}
        there = [p for p in now.participants if now.person(p).country == self.country]
        for person in there:
            now = now.change("participants", person, chase_from=said.at)
        return now.but(held_countries=held)
