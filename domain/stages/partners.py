"""Partners: which institutions carry the initiative with us, on which written terms.

Gate: at least one partner signed, none of the signed under a sanctions hit, each with a named focal point.
A partnership outlives the initiative; what one partner does is never told to another with its reason.
How a partner leaves and returns: partner_exits. Payees and sanctions: payees. Meeting officials: liaison.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal

from domain.checklists import gate_finding
from domain.initiative import Initiative
from domain.nouns import Finding, Partner
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require
from domain.stages import liaison, partner_exits
from domain.stages.checklist_milestones import checklist_owed
from domain.stages.partner_terms import (
    ALREADY,
    DECLINES_UNSIGNED,
    FOCAL_POINT,
    LATER,
    NEW_PARTNER,
    SCREENED,
    SIGNED,
    SIGNED_FIRST,
    STAGE,
    TWO_PEOPLE,
    PartnerMilestone,
    ids_of,
    thawed,
    with_us,
)
from domain.stages.payees import sanctions_found, sanctions_lifted
from domain.values import Country, Id, Text
from domain.vocabulary import Role, Screening

PURPOSE = "Institutions join on written terms, screened, each with a focal point."


# --- requirements and agenda ----------------------------------------------------------------------
def requirements(now: Initiative) -> Iterator[Finding]:
    """Yield what the gate needs. Rules: SIGNED, SCREENED, FOCAL_POINT, gate.checklist."""
    signed = [p for p in now.partners.values() if p.signed]
    yield Finding(rule=SIGNED.id, met=bool(signed), why=f"{len(signed)} signed.")
    unclear = [p.id for p in signed if p.screening is not Screening.CLEAR]
    yield Finding(rule=SCREENED.id, met=not unclear, why=f"Not clear: {', '.join(unclear)}." if unclear else "")
    without = [p.id for p in signed if p.focal is None]
    yield Finding(rule=FOCAL_POINT.id, met=not without, why=f"Without: {', '.join(without)}." if without else "")
    yield from gate_finding(now, STAGE)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what partners and the team owe each other."""
    yield from checklist_owed(now, STAGE)
    for partner in now.partners.values():
        if partner.withdrew_at is None and partner.declined_at is None:
            yield from _of_one(now, partner)


def _of_one(now: Initiative, p: Partner) -> Iterator[Obligation]:
    def owe(ask: str, by: Role | str, ladder: str, since: datetime) -> Obligation:
        return owed(now, ask, by, ladder, thawed(now, p, since), STAGE, *ids_of(p), partner=p.id)

    if p.signed and p.expires_on is not None:
        ids = (p.id, p.expires_on.isoformat())
        yield owed(now, "renew_mou", Role.MANAGER, "mou_expiry", p.expires_on, STAGE, *ids, partner=p.id)
    if p.frozen_at is not None:
        return
    if p.approached_at is not None:
        if p.screening is None:
            yield owe("screen_partner", Role.MANAGER, "task", p.approached_at)
        if p.due_diligence_at is None:
            yield owe("do_due_diligence", Role.MANAGER, "task", p.approached_at)
    if p.mou_sent_at is not None and p.signed_at is None and p.screening is not Screening.HIT:
        yield owe("sign_mou", p.focal or Role.MANAGER, "mou", p.mou_sent_at)
    if p.signed and p.signed_at is not None:
        if p.focal is None:
            yield owe("name_focal_point", Role.MANAGER, "task", p.signed_at)
        if p.conflicts_declared_at is None:
            yield owe("declare_conflicts", p.focal or Role.MANAGER, "task", p.signed_at)
        if p.neutrality_noted_at is None:
            yield owe("note_neutrality", Role.MANAGER, "task", p.signed_at)


# --- milestones --------------------------------------------------------------------------------
class PartnerApproached(Milestone):
    """An institution was asked to join. A new one is entered with its institution and country."""

    stage = STAGE
    partner: Id
    institution: Id | None = None
    country: Country | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        if self.partner in now.partners:
            with_us(now, self.partner)
        else:
            require(self.institution is not None and self.country is not None, NEW_PARTNER)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = now.partners.get(self.partner)
        partner = old or Partner(
            id=self.partner, institution=self.institution or self.partner, country=self.country or "IQ"
        )
        return now.put("partners", self.partner, partner.but(approached_at=said.at))


class PartnerScreened(PartnerMilestone):
    """A partner was screened against sanctions lists."""

    result: Screening

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = self.changed(now, screening=self.result, screened_at=said.at)
        if self.result is Screening.CLEAR:
            return sanctions_lifted(now, self.partner, said)
        signed = now.partners[self.partner].signed
        return sanctions_found(now, self.partner, SCREENED.id, said) if signed else now


class DueDiligenceDone(PartnerMilestone):
    """Somebody looked into a partner: who stands behind it, what it has done, who pays it."""

    evidence: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, due_diligence_at=said.at)


class MouSent(PartnerMilestone):
    """The memorandum of understanding went out for signature."""

    def allow(self, now: Initiative, said: Said) -> None:
        partner = with_us(now, self.partner)
        require(not partner.signed, ALREADY, f"Partner {self.partner} has signed.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, mou_sent_at=said.at)


class PartnerSigned(PartnerMilestone):
    """A partner signed its memorandum of understanding."""

    expires_on: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        partner = with_us(now, self.partner)
        require(
            partner.screening is Screening.CLEAR,
            SCREENED,
            f"Screening of {self.partner}: {partner.screening}.",
        )
        require(not partner.signed, ALREADY, f"Partner {self.partner} has signed; renew it with mou_renewed.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, signed_at=said.at, expires_on=self.expires_on)


class MouRenewed(PartnerMilestone):
    """A partner renewed its memorandum of understanding."""

    expires_on: date

    def allow(self, now: Initiative, said: Said) -> None:
        partner = with_us(now, self.partner)
        require(partner.signed, SIGNED_FIRST, f"Partner {self.partner}.")
        later = partner.expires_on is None or self.expires_on > partner.expires_on
        require(later, LATER, f"It runs until {partner.expires_on}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, expires_on=self.expires_on)


class FocalPointNamed(PartnerMilestone):
    """A partner named the person to turn to, and perhaps a deputy."""

    person: Id
    deputy: Id | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        with_us(now, self.partner)
        require(self.person != self.deputy, TWO_PEOPLE, f"Both are {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, focal=self.person, deputy=self.deputy)


class PartnerDeclined(PartnerMilestone):
    """An institution that was asked will not join."""

    def allow(self, now: Initiative, said: Said) -> None:
        partner = with_us(now, self.partner)
        require(not partner.signed, DECLINES_UNSIGNED, f"Partner {self.partner}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, declined_at=said.at)


class PartnerConflictDeclared(PartnerMilestone):
    """A partner declared its conflicts of interest, or that it has none."""

    conflicts: Literal["none", "some"]
    what: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, conflicts_declared_at=said.at)


class NeutralityNoted(PartnerMilestone):
    """It was noted how neutral a partner is, and seen to be, by each party."""

    note: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, neutrality_noted_at=said.at)


# the modules named are imported so that their milestones stand in the catalogue
__all__ = ["PURPOSE", "STAGE", "agenda", "liaison", "partner_exits", "requirements", "with_us"]
