"""What one initiative has to tell another: links are mutual, recommendations carry their lineage across."""

from collections.abc import Iterable

from domain.initiative import Initiative
from domain.opening import InitiativeOpened
from domain.outgoing import Errand
from domain.record import ENGINE, Entry
from domain.vocabulary import Relation

# What we are to them, when they are this to us.
INVERSE = {
    Relation.FEEDER: Relation.TARGET,
    Relation.TARGET: Relation.FEEDER,
    Relation.BRIDGE: Relation.BRIDGE,
    Relation.SIDE: Relation.SIDE,
}


def errands(entries: Iterable[Entry], now: Initiative) -> tuple[Errand, ...]:
    """Return the reports these entries ask us to give to linked initiatives, once each."""
    found = []
    for entry in entries:
        if entry.kind == InitiativeOpened.kind:
            for link in now.charter.links:
                fields = {"initiative": now.id, "relation": INVERSE[link.relation].value}
                found.append(_errand(now, entry, link.initiative, "initiative_linked", fields))
        elif entry.kind == "initiative_linked" and entry.by != ENGINE:
            fields = {"initiative": now.id, "relation": INVERSE[Relation(entry.fields["relation"])].value}
            found.append(_errand(now, entry, entry.fields["initiative"], "initiative_linked", fields))
        elif entry.kind == "recommendation_passed_on":
            original = entry.fields["recommendation"]
            fields = {"recommendation": f"{now.id}.{original}"[:40], "from_initiative": now.id, "original": original}
            found.append(_errand(now, entry, entry.fields["to_initiative"], "recommendation_taken_over", fields))
    return tuple(found)


def _errand(now: Initiative, entry: Entry, to: str, kind: str, fields: dict[str, str]) -> Errand:
    key = f"{now.id}/{entry.seq}/{kind}"
    report = {"kind": kind, "by": ENGINE, "key": key, "at": entry.heard_at.isoformat(), **fields}
    return Errand(initiative=now.id, to=to, key=key, report=report)
