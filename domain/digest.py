"""Several requests to one person as one message: which may go together.

Only what waits at the same moment, in the same initiative, at the same sensitivity. What is urgent, what escalates or
ends something, and what carries an invitation for a calendar is always a message of its own.
"""

import hashlib
from collections.abc import Container, Iterable, Sequence

from domain.outgoing import Notice
from domain.record import canonical
from domain.vocabulary import Act

ASKING = (Act.REMIND, Act.TELL)
URGENT = ("incident", "indicator")  # what a notice is about, when it cannot stand in a list
ALONE = "alone"  # the mark of an initiative whose charter wants each request by itself


def stands_alone(notice: Notice, invitations: Container[str]) -> bool:
    """Tell whether a notice is a message of its own. `invitations`: asks that put something into a calendar."""
    urgent = notice.act not in ASKING or any(name in notice.about for name in URGENT)
    return urgent or notice.ask in invitations or ALONE in notice.about


def together(first: Notice, waiting: Iterable[Notice], invitations: Container[str]) -> tuple[Notice, ...]:
    """Return the notices that go with the first one, itself among them: one of each obligation."""
    if stands_alone(first, invitations):
        return (first,)
    found = {first.obligation: first}
    for one in waiting:
        alike = (one.initiative, one.recipient, one.sensitivity) == (
            first.initiative, first.recipient, first.sensitivity,
        )  # fmt: skip
        if alike and not stands_alone(one, invitations):
            found.setdefault(one.obligation, one)
    return tuple(found.values())


def in_reading_order(notices: Iterable[Notice]) -> list[Notice]:
    """Return them as a reader goes through them: the same request side by side, about one after the other."""
    return sorted(notices, key=lambda one: (one.ask, sorted(one.about.items()), one.obligation))


def id_of(notices: Sequence[Notice]) -> str:
    """Return 32 hex digits for a message: of several notices the same, in whichever order; of one its own."""
    if len(notices) == 1:
        return notices[0].id()
    told = ["together", *sorted(one.id() for one in notices)]
    return hashlib.sha256(canonical(told)).hexdigest()[:32]
