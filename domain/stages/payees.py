"""Money and sanctions: nobody is paid who is not clear, and a list that changes holds the next gate."""

from typing import Literal, Self

from pydantic import model_validator

from domain.initiative import Initiative, known
from domain.nouns import Incident
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.partner_terms import SCREENED
from domain.values import Id
from domain.vocabulary import IncidentKind, Screening

PAYEE_CLEAR = rule(
    "partners.payee-clear",
    "Money goes only to a payee with a clear sanctions screening.",
    "Report payee_screened with result=clear; with a hit, pay nothing, not in cash either.",
    "B9, E3.35",
)


def clear_payee(now: Initiative, payee: str) -> None:
    """Return if this payee may be paid. Raises: Refused partners.payee-clear."""
    result = now.payees.get(payee)
    require(result == Screening.CLEAR, PAYEE_CLEAR, f"Screening of {payee}: {result or 'none'}.")


def sanctions_found(now: Initiative, about: str, rule: str, said: Said) -> Initiative:
    """Return the initiative with an open incident about this partner or payee; a second one is not opened."""
    every = [one for one in now.incidents.values() if one.kind is IncidentKind.SANCTIONS]
    if any(one.open and one.about == about for one in every):
        return now
    number = len(every) + 1
    while f"sanctions-{number}" in now.incidents:
        number += 1
    incident = Incident(
        id=f"sanctions-{number}",
        kind=IncidentKind.SANCTIONS,
        opened_at=said.at,
        rule=rule,
        about=about,
        holds=True,
    )
    return now.put("incidents", incident.id, incident)


def sanctions_lifted(now: Initiative, about: str, said: Said) -> Initiative:
    """Return the initiative with the incidents about this partner or payee resolved: it is clear again."""
    for one in now.open_incidents:
        if one.kind is IncidentKind.SANCTIONS and one.about == about:
            now = now.change("incidents", one.id, resolved_at=said.at)
    return now


class PayeeScreened(Milestone):
    """Somebody to be paid was screened against sanctions lists."""

    payee: Id
    result: Screening

    def apply(self, now: Initiative, said: Said) -> Initiative:
        was_clear = now.payees.get(self.payee) == Screening.CLEAR
        now = now.put("payees", self.payee, self.result.value)
        if self.result is Screening.CLEAR:
            return sanctions_lifted(now, self.payee, said)
        return sanctions_found(now, self.payee, PAYEE_CLEAR.id, said) if was_clear else now


class SanctionsListChanged(Milestone):
    """A sanctions list changed and now names a partner or a payee; the incident holds the next gate."""

    partner: Id | None = None
    payee: Id | None = None
    result: Literal[Screening.HIT, Screening.UNSURE] = Screening.HIT

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.partner is None) == (self.payee is None):
            raise ValueError("give either partner or payee")
        return self

    def allow(self, now: Initiative, said: Said) -> None:
        if self.partner is not None:
            known(now.partners, self.partner, "partner")
        if self.payee is not None:
            known(now.payees, self.payee, "payee")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if self.partner is not None:
            now = now.change("partners", self.partner, screening=self.result, screened_at=said.at)
            return sanctions_found(now, self.partner, SCREENED.id, said)
        assert self.payee is not None
        now = now.put("payees", self.payee, self.result.value)
        return sanctions_found(now, self.payee, PAYEE_CLEAR.id, said)
