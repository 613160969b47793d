"""What people agree to when they come: consent, ground rules, personal capacity.

Consent is a ledger of scopes, each given and withdrawn by itself. Taking back the consent to take part frees
the seat; taking back the one to store does not, it has the data removed.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from domain.initiative import Initiative, known
from domain.nouns import ConsentMark, Participant
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.nominations import (
    GONE,
    GONE_STANDINGS,
    STAGE,
    Language,
    gone,
    nominee,
    not_ahead,
    with_card,
)
from domain.values import Commas, Id, Ids
from domain.vocabulary import ConsentScope, Role

# --- rules --------------------------------------------------------------------------------------------------
CONSENT_STANDS = rule(
    "invitations.consent-withdrawn",
    "All of these consents are withdrawn already.",
    "Nothing to do.",
    "E3.12, F2.8",
)
STORED_DATA = rule(
    "invitations.stored-data",
    "The person's consent to store has not been withdrawn, or the data is gone already.",
    "Nothing to do.",
    "E3.12",
)


# --- agenda -------------------------------------------------------------------------------------------------
def data_to_remove(now: Initiative, p: Participant) -> Iterator[Obligation]:
    withdrawn = storage_withdrawn_at(now, p)
    if withdrawn is not None:
        ids = (p.person, withdrawn.date().isoformat())
        yield owed(
            now,
            "remove_stored_data",
            Role.DATA_STEWARD,
            "data_return",
            withdrawn,
            STAGE,
            *ids,
            person=p.person,
        )


def storage_withdrawn_at(now: Initiative, p: Participant) -> datetime | None:
    """Return since when stored data is to be removed, or None."""
    mark, done = p.consents.get(ConsentScope.STORE), now.marks.get(f"stored_data_removed:{p.person}")
    withdrawn = mark.withdrawn_at if mark else None
    return withdrawn if withdrawn is not None and (done is None or done < withdrawn) and not p.erased else None


# --- milestones ---------------------------------------------------------------------------------------------
class ConsentMilestone(Milestone, abstract=True):
    """What giving and taking back consent share."""

    person: Id
    scopes: Annotated[tuple[ConsentScope, ...], Commas, Field(min_length=1)]
    on_behalf_of_person: bool = False


class ConsentGiven(ConsentMilestone):
    """A person consented, scope by scope. Given again, it counts from the new date."""

    def allow(self, now: Initiative, said: Said) -> None:
        nominee(now, self.person)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        given = {scope: ConsentMark(given_at=said.at) for scope in self.scopes}
        consents = {**now.participants[self.person].consents, **given}
        return now.change("participants", self.person, consents=consents)


class ConsentWithdrawn(ConsentMilestone):
    """A person took consent back, scope by scope. Without consent to take part the seat is free."""

    closed_too = True

    def allow(self, now: Initiative, said: Said) -> None:
        p = known(now.participants, self.person, "participant")
        require(p.standing != "died", GONE, f"Concerns {self.person}.")
        standing = [s for s in self.scopes if s not in p.consents or p.consents_to(s)]
        require(bool(standing), CONSENT_STANDS, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        p = now.participants[self.person]
        consents = dict(p.consents)
        for scope in self.scopes:
            mark = consents.get(scope, ConsentMark(given_at=said.at))
            consents[scope] = mark.but(withdrawn_at=mark.withdrawn_at or said.at)
        now = now.change("participants", self.person, consents=consents)
        leaves = ConsentScope.PARTICIPATE in self.scopes and p.standing not in GONE_STANDINGS
        return gone(now, self.person, "withdrew", said) if leaves else now


class StoredDataRemoved(Milestone):
    """What was stored about a person who took back that consent was removed."""

    closed_too = True
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        p = known(now.participants, self.person, "participant")
        require(storage_withdrawn_at(now, p) is not None, STORED_DATA, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"stored_data_removed:{self.person}", said.at)


class JoiningMilestone(Milestone, abstract=True):
    """What a person gives when they join."""

    person: Id
    on_behalf_of_person: bool = False

    def allow(self, now: Initiative, said: Said) -> None:
        nominee(now, self.person)

    def changed(self, now: Initiative, **changes: Any) -> Initiative:
        return now.change("participants", self.person, **changes)


class PersonalCapacityAttested(JoiningMilestone):
    """A person attested that they come in personal capacity. A new office asks for it anew."""

    on: date

    def allow(self, now: Initiative, said: Said) -> None:
        nominee(now, self.person)
        not_ahead(self.on, said)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, attested_on=self.on)


class TermsAccepted(JoiningMilestone):
    """A person accepted the ground rules of the safe space."""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, terms_accepted_at=said.at)


class EmergencyContactRecorded(JoiningMilestone):
    """Whom to call for a person in an emergency was written into the roster, not here."""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, emergency_contact_at=said.at)


class LanguageChosen(JoiningMilestone):
    """A person chose the language they are written to in."""

    language: Language

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return with_card(now, self.person, language=self.language)


class CapacityBuildingHeld(Milestone):
    """Something was done to build people's skills: a briefing, a course, a rehearsal."""

    activity: Id
    persons: Ids

    def allow(self, now: Initiative, said: Said) -> None:
        for person in self.persons:
            nominee(now, person)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        for person in self.persons:
            held = now.participants[person].activities
            now = now.change("participants", person, activities=tuple(dict.fromkeys((*held, self.activity))))
        return now
