"""What a donor may be told: how many, never who; and no number below five, also not by subtraction.

Totals count as known: they can be read off another table, or off a report. So where a small cell is hidden, another
is hidden with it, so that neither can be worked out from the total; a table where that is not enough is left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from domain.initiative import Initiative
from domain.stages.attribution import may_disclose
from domain.vocabulary import Capacity, Gender, TransferState

LEAST = 5
HIDDEN = None
Table = dict[str, int | None]


def tables(now: Initiative) -> dict[str, Table]:
    """Return the tables by name; a hidden cell is None, a table that cannot be shown is empty.

    People are those who have a seat or sat in a session; a session whose very meeting may not be disclosed does not
    count.
    """
    sat = {person for session in now.sessions.values() for person in session.present}
    people = [one for one in now.participants.values() if one.seated or one.person in sat]
    told = [one for one in now.sessions.values() if may_disclose(now, one.id).meeting]
    counted = {
        "people by gender": _count(
            (one.gender or "not given" for one in people), (Gender.MAN, Gender.WOMAN, Gender.OTHER, "not given")
        ),
        "people by capacity": _count((one.capacity for one in people), Capacity),
        "people by first time": _count((_yes(one.first_time) for one in people), ("yes", "no")),
        "people from outside the capital": _count((_yes(one.outside_capital) for one in people), ("yes", "no")),
        "sessions by status": _count((one.status for one in told), ("scheduled", "closed", "cancelled", "other")),
        "recommendations by state": _count((one.state for one in now.recommendations.values()), TransferState),
    }
    return {name: guarded(cells) for name, cells in counted.items()}


def guarded(cells: Mapping[str, int]) -> Table:
    """Return the cells with the small ones hidden, and one more with them; empty where that would not be enough.

    Which one more depends only on which cells are small, and whether it is enough only on what the reader sees. So
    somebody who knows the total and these rules learns nothing from the choice.
    """
    hidden = _hidden(cells, {name for name, number in cells.items() if number < LEAST})
    rest = sum(cells[name] for name in hidden)
    if hidden and (len(hidden) == len(cells) or not _open(cells, hidden, rest)):
        return {}
    return {name: HIDDEN if name in hidden else number for name, number in cells.items()}


def _hidden(names: Iterable[str], small: set[str]) -> set[str]:
    """Return the small cells and the first other one in their fixed order."""
    return small | set([name for name in names if name not in small][:1]) if small else small


def _open(names: Iterable[str], hidden: set[str], rest: int) -> bool:
    """Tell whether every hidden cell could be more than one number, for a reader who knows their sum."""
    could: dict[str, set[int]] = {name: set() for name in hidden}
    for other in hidden:  # each could be the one that is not small
        small = hidden - {other}
        if _hidden(names, small) != hidden or rest < LEAST:
            continue
        most = LEAST - 1
        for name in small:
            could[name] |= set(range(min(most, rest - LEAST) + 1))
        could[other] |= set(range(max(LEAST, rest - most * len(small)), rest + 1))
    return all(len(numbers) > 1 for numbers in could.values())


def _count(found: Iterable[str], words: Iterable[str]) -> dict[str, int]:
    known = [str(word) for word in words]
    counter = Counter(one if one in known else "other" for one in map(str, found))
    return {word: counter[word] for word in known}


def _yes(value: bool) -> str:
    return "yes" if value else "no"
