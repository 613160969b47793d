"""What one run hands to the next. In a module of its own, which is passed through the sandbox: made anew for every
run, its schema (it holds the whole state) would cost each some 40 ms before it has heard anything.
"""

from activities.messages import Receipt
from domain.charter import Charter
from domain.initiative import Initiative
from domain.record import GENESIS, Entry
from domain.values import Value
from domain.working_days import Calendar


class Chapter(Value):
    """The first one holds a charter, the later ones the state."""

    version: int = 1
    by: str = "manager:unknown"
    charter: Charter | None = None
    rulebook: int = 1  # of the opening, given by whoever opens: a replay years later must find the same
    state: Initiative | None = None
    seq: int = 0
    head: str = GENESIS
    unrecorded: tuple[Entry, ...] = ()
    calendars: dict[str, Calendar] = {}
    waiting: int = 0  # notices that wait in the database
    errands: int = 0  # reports to other initiatives that wait there
    receipts: tuple[Receipt, ...] = ()  # good news of messages, written down with the next batch
    shift: float = 0.0  # seconds; a rehearsal plays on other dates than the engine's clock shows
