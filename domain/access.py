"""Who may do what. Deny by default: a role may what stands beside it here, and nothing else.

A verb needs one permission (domain/verbs.py), a role has some. A report is asked after once more, by its kind; and
whoever is limited to some initiatives is limited in everything. A participant signs in nowhere: a link speaks for them.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from domain.record import Entry
from domain.rules import Refused, require, rule


class SignIn(StrEnum):
    """As what somebody is signed in. `house`: whoever holds the files of a house that has no accounts."""

    ADMIN = "admin"
    MANAGER = "manager"
    VETTER = "vetter"
    FACILITATOR = "facilitator"
    RAPPORTEUR = "rapporteur"
    AUDITOR = "auditor"
    SCRIPT = "script"
    HOUSE = "house"
    NOBODY = "nobody"


class Permission(StrEnum):
    """What a verb needs, one word each."""

    ANYONE = "anyone"  # needs no sign-in: it tells nothing and changes nothing of anybody's, or a link speaks
    OPEN = "open"
    REPORT = "report"
    BEHALF = "behalf"  # record an answer of somebody else, marked as such
    LIST = "list"
    SHOW = "show"
    TIMELINE = "timeline"
    VET = "vet"  # see what reviews say, of nominees one is assigned to
    PEOPLE_READ = "people.read"
    PEOPLE_WRITE = "people.write"
    PEOPLE_ERASE = "people.erase"
    MESSAGES = "messages"
    WORDS = "words"
    CALENDARS = "calendars"
    EXPORT_FULL = "export.full"
    EXPORT_REDACTED = "export.redacted"
    EXPORT_DONOR = "export.donor"
    VERIFY = "verify"
    CHECKPOINT = "checkpoint"
    READS = "reads"
    ARCHIVE = "archive"  # the engine's own histories, whole
    DECODE = "decode"
    KEYS = "keys"
    BACKUP = "backup"
    TOKENS = "tokens"
    ACCOUNTS = "accounts"


P = Permission
_MANAGER = frozenset({
    P.OPEN, P.REPORT, P.BEHALF, P.LIST, P.SHOW, P.TIMELINE, P.PEOPLE_READ, P.PEOPLE_WRITE, P.PEOPLE_ERASE, P.MESSAGES,
    P.WORDS, P.CALENDARS, P.EXPORT_FULL, P.EXPORT_REDACTED, P.EXPORT_DONOR, P.VERIFY, P.CHECKPOINT, P.READS, P.TOKENS,
})  # fmt: skip
_ROOM = frozenset({P.REPORT, P.LIST, P.SHOW, P.TIMELINE, P.VERIFY})
MAY: dict[SignIn, frozenset[Permission]] = {
    SignIn.ADMIN: frozenset(P) - {P.VET},
    SignIn.MANAGER: _MANAGER,
    SignIn.VETTER: _ROOM | {P.VET},
    SignIn.FACILITATOR: _ROOM,
    SignIn.RAPPORTEUR: _ROOM,
    SignIn.AUDITOR: frozenset({P.LIST, P.VERIFY, P.READS, P.EXPORT_REDACTED, P.EXPORT_DONOR}),
    SignIn.SCRIPT: frozenset({P.REPORT, P.LIST, P.SHOW, P.VERIFY, P.EXPORT_DONOR}),  # at most: a token names its own
    SignIn.HOUSE: frozenset(P),
    SignIn.NOBODY: frozenset(),
}
ACCOUNT_ROLES = tuple(role for role in SignIn if role not in (SignIn.SCRIPT, SignIn.HOUSE, SignIn.NOBODY))

REVIEWS = frozenset({"review_given"})  # given by the one whose review it is, and by nobody for them
VETTERS_OWN = REVIEWS | {"vetter_conflict_declared"}
SESSIONS = frozenset({
    "session_opened", "attendance_recorded", "session_closed", "segment_defined", "attribution_rule_tightened",
    "attribution_rule_loosened", "venue_attested", "session_monitored", "agenda_downgrade_decided",
    "speaking_order_set", "power_balance_noted", "note_taken", "episode_logged", "feedback_given",
    "session_report_filed", "breach_reported", "incident_reported", "note_added",
})  # fmt: skip
# Four eyes: what a person answers for with their own name. No script reports it, whatever its token lists.
IN_PERSON = VETTERS_OWN | {
    "participant_nominated", "vetter_added", "vetter_removed", "vetter_assigned", "vetting_decided", "vetting_renewed",
    "reserve_promoted", "capacity_verified", "safety_consulted",
}  # fmt: skip
ONLY: dict[SignIn, frozenset[str]] = {  # who is not named reports every kind but reviews
    SignIn.VETTER: VETTERS_OWN,
    SignIn.FACILITATOR: SESSIONS,
    SignIn.RAPPORTEUR: SESSIONS,
    SignIn.AUDITOR: frozenset(),
    SignIn.SCRIPT: frozenset(),  # a token lists its kinds
    SignIn.NOBODY: frozenset(),
}
VETTER_SEES = frozenset({"participant_nominated", "vetter_assigned", "vetting_decided", "decision_reopened"})
WEIGHED = ("verdict", "criteria", "assessment")  # the fields of a review that only assessors see

# --- rules --------------------------------------------------------------------------------------------------
SIGNED_IN = rule(
    "access.signed-in",
    "This house has accounts, and nobody is signed in here.",
    "Type `jisr sign-in ID`; a script sets JISR_TOKEN to a token from `jisr tokens issue`.",
    "B4",
)
ROLE = rule(
    "access.role",
    "The role you are signed in with does not include this.",
    "Ask somebody whose role does; `jisr whoami` shows yours.",
    "B4",
)
KIND = rule(
    "access.kind",
    "The role you are signed in with does not report this milestone.",
    "Let somebody report it whose task it is; `jisr whoami` shows what is yours.",
    "B4",
)
SCOPE = rule(
    "access.initiative",
    "You are signed in for some initiatives only, and this reaches beyond them.",
    "Name one of yours (`jisr whoami`), or ask an admin to widen the account or token.",
    "B4",
)
OWN_NAME = rule(
    "access.own-name",
    "Whoever is signed in speaks in their own name.",
    "Leave --by out. A manager records somebody's answer with --on-behalf-of PERSON; it is marked as such.",
    "B4, F6",
)


# --- who ----------------------------------------------------------------------------------------------------
class Identity(NamedTuple):
    """Who is signed in, and within which bounds. No initiatives: all of them. `kinds`, `may`: those of a token."""

    id: str
    role: SignIn
    initiatives: tuple[str, ...] = ()
    kinds: tuple[str, ...] | None = None
    may: tuple[str, ...] | None = None
    why: str = ""  # of nobody: why the token that was shown does not count

    @property
    def actor(self) -> str:
        """Return how the record calls them."""
        return f"{self.role}:{self.id}"

    @property
    def named(self) -> bool:
        """Tell whether this is somebody, and not the house itself or nobody."""
        return self.role not in (SignIn.HOUSE, SignIn.NOBODY)


HOUSE = Identity("", SignIn.HOUSE)
NOBODY = Identity("", SignIn.NOBODY)


class Need(NamedTuple):
    """What a verb needs. `initiative`: its argument that names one; without, it concerns the house as a whole.

    `instead`: options with which it needs another permission. `narrows`: it shows only what one may see.
    """

    to: Permission
    initiative: str | None = None
    instead: Mapping[str, Permission] = {}
    narrows: bool = False


def permitted(who: Identity, to: Permission) -> bool:
    """Tell whether a role, and the token if it is one, includes this."""
    return to is P.ANYONE or (to in MAY[who.role] and (who.may is None or to in who.may))


def require_may(who: Identity, to: Permission, initiative: str | None, narrows: bool = False) -> None:
    """Return if this identity may do this, with this initiative (None: with the house). Raises: Refused."""
    if to is P.ANYONE:
        return
    require(who.role is not SignIn.NOBODY, SIGNED_IN, who.why)
    require(permitted(who, to), ROLE, f"It needs {to}; you are {who.actor}.")
    within = not who.initiatives or initiative in who.initiatives or (narrows and initiative is None)
    require(within, SCOPE)


def require_need(who: Identity, need: Need, given: Mapping[str, Any]) -> None:
    """Return if a verb may be used with these arguments. Raises: Refused."""
    to = next((other for option, other in need.instead.items() if given.get(option)), need.to)
    require_may(who, to, given.get(need.initiative) if need.initiative else None, need.narrows)


# --- reports --------------------------------------------------------------------------------------------------
def reports(who: Identity, kind: str) -> bool:
    """Tell whether this identity reports milestones of this kind."""
    if who.role is SignIn.HOUSE:
        return True
    if who.role is SignIn.SCRIPT:
        return kind in (who.kinds or ()) and kind not in IN_PERSON
    only = ONLY.get(who.role)
    return kind not in REVIEWS if only is None else kind in only


def spoken(who: Identity, initiative: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat report as this identity says it: in their own name, or on behalf of somebody, marked as such.

    Of a house without accounts it is what was typed. Raises: Refused by an access rule.
    """
    said = dict(report)
    if who.role is SignIn.HOUSE:
        return said
    require_may(who, P.REPORT, initiative)
    kind = str(said.get("kind", ""))
    require(reports(who, kind), KIND, f"{who.actor}, {kind[:60]}.")
    typed = said.get("by") or who.actor
    if typed != who.actor:
        said["on_behalf_of"] = _behalf_of(who, str(typed), kind)
    if said.get("on_behalf_of") is not None:
        require(permitted(who, P.BEHALF), OWN_NAME)
    if who.role is SignIn.VETTER:
        require(said.get("vetter") == who.id, OWN_NAME, "A vetter speaks only of their own review.")
    return {**said, "by": who.actor}


def _behalf_of(who: Identity, typed: str, kind: str) -> str:
    """Return the person for whom somebody else's name was typed. Raises: Refused, unless it can be marked as such."""
    from domain.answers import can_be_recorded_for  # noqa: PLC0415  only where a name was typed

    role, _, person = typed.partition(":")
    require(role == "participant" and permitted(who, P.BEHALF) and can_be_recorded_for(kind), OWN_NAME)
    return person


def require_own_name(who: Identity, typed: str | None) -> None:
    """Return unless another name than one's own was typed. Raises: Refused."""
    require(not who.named or typed in (None, who.actor), OWN_NAME)


# --- what is seen -----------------------------------------------------------------------------------------------
class Sight:
    """What one identity sees of a record: `entries` are all of it, for who is assigned to whom is written there."""

    def __init__(self, who: Identity, entries: Iterable[Entry] = ()) -> None:
        self._who = who
        self._assigned: set[str] = set()
        self._reviewed: set[str] = set()
        if permitted(who, P.VET):
            for entry in entries:
                if entry.fields.get("vetter") == who.id and entry.kind in ("vetter_assigned", "review_given"):
                    found = self._assigned if entry.kind == "vetter_assigned" else self._reviewed
                    found.add(str(entry.fields["person"]))

    def of(self, entry: Entry) -> Entry | None:
        """Return the entry as it is seen: whole, without what a review says, or not at all."""
        if not self._in_sight(entry):
            return None
        if entry.kind not in REVIEWS or self.weighs(str(entry.fields.get("person")), str(entry.fields.get("vetter"))):
            return entry
        kept = {name: value for name, value in entry.fields.items() if name not in WEIGHED}
        return entry.but(fields=kept, reason=None)

    def weighs(self, person: str, vetter: str) -> bool:
        """Tell whether what a review says is seen: one's own, then, having given it, the others' of that nominee."""
        if self._who.role is SignIn.HOUSE:
            return True
        assessor = permitted(self._who, P.VET) and person in self._assigned | self._reviewed
        return assessor and (vetter == self._who.id or person in self._reviewed)

    def _in_sight(self, entry: Entry) -> bool:
        if self._who.role is SignIn.VETTER:
            own = entry.fields.get("person") in self._assigned | self._reviewed
            return own and entry.kind in VETTERS_OWN | VETTER_SEES
        only = ONLY.get(self._who.role)
        return only is None or entry.kind in only


def without_reviews(state: Mapping[str, Any], who: Identity) -> dict[str, Any]:
    """Return an initiative's state as JSON values, its reviews without what they say, unless they are one's own."""

    def blanked(person: Mapping[str, Any]) -> dict[str, Any]:
        reviews = person.get("reviews", [])
        own = permitted(who, P.VET)
        gave = own and any(one["vetter"] == who.id for one in reviews)
        seen = [one if gave else {**one, "verdict": None} for one in reviews]
        return {**person, "reviews": seen}

    return {**state, "participants": {id: blanked(one) for id, one in state.get("participants", {}).items()}}


__all__ = [
    "HOUSE",
    "MAY",
    "NOBODY",
    "Identity",
    "Need",
    "Permission",
    "Refused",
    "Sight",
    "SignIn",
    "reports",
    "spoken",
]
