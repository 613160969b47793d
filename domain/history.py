"""What an entry changed: before and after, in the few things a reader of the history asks for."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from domain.initiative import Initiative
from domain.nouns import Partner


class Change(NamedTuple):
    """`what` is one of a few words (stage, standing, status ...), `id` whose it is, or empty for the initiative's own.

    `before` and `after` are words of the vocabulary, ids or moments in ISO form; empty means nothing.
    """

    what: str
    id: str
    before: str
    after: str


def changes(before: Initiative | None, after: Initiative) -> tuple[Change, ...]:
    """Return what differs, in a fixed order. The opening itself changes nothing: there was no before."""
    if before is None:
        return ()
    old, new = _aspects(before), _aspects(after)
    both = ((what, id, old.get((what, id), ""), new.get((what, id), "")) for what, id in sorted({**old, **new}))
    return tuple(Change(*one) for one in both if one[2] != one[3])


def _aspects(now: Initiative) -> Mapping[tuple[str, str], str]:
    return {(what, id): value for what, id, value in _told(now) if value}


def _told(now: Initiative) -> Iterator[tuple[str, str, str]]:
    yield "stage", "", now.stage.value
    yield "mode", "", now.mode.value
    yield "channel", "", now.official_channel.value
    yield "sensitivity", "", now.charter.sensitivity.value
    yield "attribution", "", now.charter.attribution_rule.value
    yield "rest", "", now.stalls[-1].since.isoformat() if now.stalled else ""
    yield "closing", "", now.closed_at.isoformat() if now.closed_at else ""
    for stage, state in now.stages.items():
        yield "stage", stage.value, state.status.value
    for role, person in now.roles.items():
        yield "role", role.value, person
    for id, partner in now.partners.items():
        yield "partner", id, _partnership(partner)
    for id, participant in now.participants.items():
        yield "standing", id, participant.standing
        yield "capacity", id, participant.capacity.value
    for id, session in now.sessions.items():
        yield "session", id, session.status
        yield "starts", id, session.starts.isoformat() if session.starts else ""
        for segment in session.segments.values():
            yield "attribution", f"{id}/{segment.id}", segment.rule.value
    for id, recommendation in now.recommendations.items():
        yield "state", id, recommendation.state.value
        yield "version", id, str(recommendation.version)
    for id, incident in now.incidents.items():
        yield "incident", id, "open" if incident.open else "resolved"


def _partnership(partner: Partner) -> str:
    for word, at in (
        ("withdrew", partner.withdrew_at),
        ("declined", partner.declined_at),
        ("frozen", partner.frozen_at),
        ("signed", partner.signed_at),
        ("mou_sent", partner.mou_sent_at),
        ("approached", partner.approached_at),
    ):
        if at is not None:
            return word
    return ""
