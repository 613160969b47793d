"""Roles: who answers for what, and what happens when somebody leaves. Contacts and notes, at any time.

What is owed by a role follows the role: to the new person, else to the manager, the deputy, the director.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from domain.initiative import Initiative, known
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Id, Text
from domain.vocabulary import Role

SAME_PERSON = rule(
    "roles.already",
    "That person is in the role already.",
    "Nothing to do.",
    "E3.25",
)
VACANT = rule(
    "roles.vacant",
    "Nobody is in that role.",
    "Report role_handed_over to fill it.",
    "E3.25",
)
SOMEBODY_STAYS = rule(
    "roles.somebody-stays",
    "Manager, deputy and director cannot all be vacant: somebody must own what is owed.",
    "Hand the role over with role_handed_over.",
    "E3.25",
)
FACILITATORS = rule(
    "roles.facilitator",
    "A facilitator changes in a way of their own: access ends at once, neutrality is declared anew.",
    "Report facilitator_stepped_down and facilitator_appointed.",
    "E3.14",
)
ONE_CONTACT = rule(
    "roles.contact-with",
    "A contact is with one person or one partner.",
    "Give person=... or partner=..., one of the two.",
    "A48",
)

OWNERS = (Role.MANAGER, Role.DEPUTY, Role.DIRECTOR)
CHAIRS = (Role.FACILITATOR, Role.CO_FACILITATOR)  # filled by conduct/facilitation.py, in a way of their own


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield the roles to fill, the handover notes to write, and who is told what they have taken over."""
    if now.closed_at is not None:
        return
    for role, former, until in _last_changes(now):
        ids = (role.value, until.strftime("%Y%m%dT%H%M%S"))
        noted_at = now.marks.get(f"handover_note:{role}")
        if noted_at is None or noted_at < until:
            yield owed(now, "file_handover_note", Role.MANAGER, "task", until, now.stage, *ids, role=role.value)
        holder = now.roles.get(role)
        if holder is None:
            if role in CHAIRS:
                continue
            owner = Role.DIRECTOR if role is Role.MANAGER else Role.MANAGER
            yield owed(now, "fill_role", owner, "task", until, now.stage, *ids, role=role.value)
        elif holder != former:
            yield owed(now, "role_taken_over", holder, "tell", until, now.stage, *ids, holder, role=role.value)


def _last_changes(now: Initiative) -> tuple[tuple[Role, str, datetime], ...]:
    """Return the latest change of every role that ever changed hands."""
    return tuple({role: (role, former, until) for role, former, until in now.former_roles}.values())


# --- milestones --------------------------------------------------------------------------------------------
def _left(now: Initiative, role: Role, said: Said) -> Initiative:
    """Return the initiative with the role vacant and its holder among the former ones."""
    person = now.roles.get(role)
    if person is None:
        return now
    roles = {one: who for one, who in now.roles.items() if one is not role}
    return now.but(roles=roles, former_roles=(*now.former_roles, (role, person, said.at)))


class RoleHandedOver(Milestone):
    """A role went from one person to another; what the role owes is owed by the new one from now on."""

    role: Role
    to: Id

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.role not in (Role.FACILITATOR, Role.CO_FACILITATOR), FACILITATORS)
        require(now.roles.get(self.role) != self.to, SAME_PERSON, f"{self.to} is {self.role}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return _left(now, self.role, said).put("roles", self.role, self.to)


class RoleLeft(Milestone):
    """Somebody left a role and nobody has taken it yet; what it owes falls to manager, deputy, director."""

    role: Role

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.role not in (Role.FACILITATOR, Role.CO_FACILITATOR), FACILITATORS)
        require(self.role in now.roles, VACANT, f"Role {self.role}.")
        owners = [one for one in OWNERS if one in now.roles and one is not self.role]
        require(bool(owners), SOMEBODY_STAYS)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return _left(now, self.role, said)


class HandoverNoteFiled(Milestone):
    """Whoever left a role, or knows it best, wrote down what the next one must know."""

    role: Role
    note: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"handover_note:{self.role}", said.at)


class ContactLogged(Milestone):
    """Somebody spoke with a person or a partner; possible at any time, also while the dialogue rests."""

    person: Id | None = None
    partner: Id | None = None
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        require((self.person is None) is not (self.partner is None), ONE_CONTACT)
        if self.partner is not None:
            known(now.partners, self.partner, "partner")


class MessageDecided(Milestone):
    """Somebody decided about a message that failed, or of which nobody knows whether it arrived.

    `sent`: it did arrive. `again`: it is sent once more. `drop`: nobody gets it.
    """

    closed_too = True
    message: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    person: Id
    decision: Literal["sent", "again", "drop"]


class NoteAdded(Milestone):
    """Something worth keeping was written down; possible at any time, also after the end."""

    closed_too = True
    note: Text
    about: Id | None = None
