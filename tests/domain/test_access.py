"""Every role is tried on every verb; nobody speaks for somebody else; what a review says is for assessors."""

import pytest
from life import Life

from domain import decide as _whole_catalogue  # noqa: F401
from domain.access import (
    ACCOUNT_ROLES,
    HOUSE,
    IN_PERSON,
    MAY,
    NOBODY,
    SESSIONS,
    VETTERS_OWN,
    Identity,
    Need,
    Permission,
    Sight,
    SignIn,
    permitted,
    reports,
    require_may,
    require_need,
    require_own_name,
    spoken,
    without_reviews,
)
from domain.record import MILESTONES
from domain.rules import Refused
from domain.verbs import CLIENT, COMMANDS, HTTP

EVERY = {f"{door} {name}": need for door, table in (("jisr", COMMANDS), ("client", CLIENT), ("http", HTTP))
         for name, need in table.items()}  # fmt: skip
MANAGER = Identity("p-01", SignIn.MANAGER)
VETTER = Identity("p-11", SignIn.VETTER)
REVIEW = {"kind": "review_given", "person": "p-20", "vetter": "p-11", "verdict": "approve"}


def who_is(role: SignIn) -> Identity:
    if role is SignIn.SCRIPT:
        return Identity("crm", role, ("ini-1",), ("partner_signed",), tuple(MAY[role]))
    return Identity("p-01", role) if role not in (SignIn.HOUSE, SignIn.NOBODY) else Identity("", role)


@pytest.mark.parametrize("role", list(SignIn))
def test_every_verb_asks_every_role(role: SignIn) -> None:
    assert [verb for verb in EVERY if not asks(verb, role)] == []


def asks(verb: str, role: SignIn) -> bool:
    """Tell whether a verb lets a role in exactly if it should."""
    need, who = EVERY[verb], who_is(role)
    free = need.to is Permission.ANYONE
    allowed = free or need.to in MAY[role]
    if role is SignIn.SCRIPT and not free and not need.initiative and not need.narrows:
        allowed = False
    given = {need.initiative: "ini-1"} if need.initiative else {}
    try:
        require_need(who, need, given)
        came = True
    except Refused as refused:
        came = False
        expected = {SignIn.NOBODY: {"access.signed-in"}}.get(role, {"access.role", "access.initiative"})
        assert refused.rule.id in expected
    return came is allowed


def test_the_house_may_everything_and_nobody_nothing() -> None:
    assert MAY[SignIn.HOUSE] == set(Permission)
    assert MAY[SignIn.NOBODY] == set()
    assert set(MAY) == set(SignIn)
    assert [role for role in ACCOUNT_ROLES if Permission.VET in MAY[role]] == [SignIn.VETTER]
    assert [role for role in ACCOUNT_ROLES if Permission.ACCOUNTS in MAY[role]] == [SignIn.ADMIN]


def test_every_kind_that_is_named_is_a_milestone() -> None:
    assert MILESTONES.keys() >= (IN_PERSON | SESSIONS)


def test_every_kind_asks_every_role() -> None:
    for kind in MILESTONES:
        _asks_every_role(kind)


def _asks_every_role(kind: str) -> None:
    may = {role for role in ACCOUNT_ROLES if reports(who_is(role), kind)}
    expected = {SignIn.VETTER} if kind in VETTERS_OWN else set()
    expected |= {SignIn.ADMIN, SignIn.MANAGER} if kind != "review_given" else set()
    expected |= {SignIn.FACILITATOR, SignIn.RAPPORTEUR} if kind in SESSIONS else set()
    assert may == expected, kind
    assert not reports(NOBODY, kind)
    assert reports(HOUSE, kind)
    script = Identity("crm", SignIn.SCRIPT, ("ini-1",), (kind,), ("report",))
    assert reports(script, kind) is (kind not in IN_PERSON)


def test_an_option_may_need_another_permission() -> None:
    auditor = who_is(SignIn.AUDITOR)
    require_need(auditor, COMMANDS["audit export"], {"id": "ini-1", "redacted": True})
    with pytest.raises(Refused, match=r"access\.role"):
        require_need(auditor, COMMANDS["audit export"], {"id": "ini-1", "redacted": False, "donor": False})


def test_who_is_limited_to_some_initiatives_reaches_no_other_and_not_the_house() -> None:
    limited = MANAGER._replace(initiatives=("ini-1",))
    require_may(limited, Permission.SHOW, "ini-1")
    require_need(limited, Need(Permission.LIST, narrows=True), {})
    for initiative in ("ini-2", None):
        with pytest.raises(Refused, match=r"access\.initiative"):
            require_may(limited, Permission.SHOW, initiative)


def test_a_token_may_only_what_it_lists() -> None:
    token = Identity("crm", SignIn.SCRIPT, ("ini-1",), ("partner_signed",), ("report",))
    assert permitted(token, Permission.REPORT)
    assert not permitted(token, Permission.SHOW)
    assert spoken(token, "ini-1", {"kind": "partner_signed"})["by"] == "script:crm"
    for initiative, kind, rule in (("ini-1", "mou_sent", "access.kind"), ("ini-2", "partner_signed", "access.init")):
        with pytest.raises(Refused, match=rule):
            spoken(token, initiative, {"kind": kind})


def test_without_accounts_a_report_is_what_was_typed() -> None:
    typed = {"kind": "partner_signed", "by": "manager:anybody"}
    assert spoken(HOUSE, "ini-1", typed) == typed
    require_own_name(HOUSE, "manager:anybody")


@pytest.mark.parametrize("by", ["manager:p-02", "vetter:p-01", "participant:p-20"])
def test_nobody_types_another_name(by: str) -> None:
    with pytest.raises(Refused, match=r"access\.own-name"):
        spoken(MANAGER, "ini-1", {"kind": "partner_signed", "by": by})
    with pytest.raises(Refused) as refused:
        require_own_name(MANAGER, by)
    assert refused.value.rule.id == "access.own-name"


def test_a_manager_records_an_answer_of_somebody_which_is_marked() -> None:
    said = spoken(MANAGER, "ini-1", {"kind": "consent_given", "by": "participant:p-20", "scopes": "store"})
    assert (said["by"], said["on_behalf_of"]) == ("manager:p-01", "p-20")
    with pytest.raises(Refused, match=r"access\."):
        spoken(who_is(SignIn.FACILITATOR), "ini-1", {"kind": "feedback_given", "on_behalf_of": "p-20"})


# four eyes


def test_a_vetter_gives_their_own_review_and_no_other() -> None:
    assert spoken(VETTER, "ini-1", REVIEW)["by"] == "vetter:p-11"
    for changed in ({"vetter": "p-12"}, {"by": "vetter:p-12"}, {"vetter": "p-12", "by": "vetter:p-12"}):
        with pytest.raises(Refused, match=r"access\.own-name"):
            spoken(VETTER, "ini-1", {**REVIEW, **changed})


@pytest.mark.parametrize("role", [SignIn.ADMIN, SignIn.MANAGER, SignIn.FACILITATOR, SignIn.AUDITOR, SignIn.SCRIPT])
def test_nobody_else_gives_a_review_for_a_vetter(role: SignIn) -> None:
    who = who_is(role)._replace(initiatives=())
    with pytest.raises(Refused, match=r"access\.(kind|role)"):
        spoken(who, "ini-1", {**REVIEW, "by": "vetter:p-11"})


def test_who_has_vetted_does_not_decide_whatever_name_is_typed() -> None:
    with pytest.raises(Refused, match=r"access\.kind"):
        spoken(VETTER, "ini-1", {"kind": "vetting_decided", "person": "p-20", "by": "manager:p-01"})


# what is seen


def entries_of_reviews() -> list[object]:
    at = Life().entries[0]
    said = [("vetter_assigned", "p-11"), ("vetter_assigned", "p-12"), ("review_given", "p-12")]
    return [
        at.but(seq=n, kind=kind, fields={"person": "p-20", "vetter": vetter}
               | ({"verdict": "reject", "criteria": ["standing"]} if kind == "review_given" else {}))
        for n, (kind, vetter) in enumerate(said, 2)
    ]  # fmt: skip


def test_what_a_review_says_is_seen_by_assessors_who_have_said_theirs() -> None:
    entries = entries_of_reviews()
    review = entries[-1]

    def seen(who: Identity, more: tuple[object, ...] = ()) -> object:
        found = Sight(who, [*entries, *more]).of(review)
        return found and "verdict" in found.fields

    own = review.but(fields={"person": "p-20", "vetter": "p-11", "verdict": "approve"})
    assert seen(HOUSE) is True
    assert seen(MANAGER) is False
    assert seen(who_is(SignIn.ADMIN)) is False
    assert seen(Identity("p-12", SignIn.VETTER)) is True
    assert seen(VETTER) is False
    assert seen(VETTER, (own,)) is True
    assert seen(Identity("p-13", SignIn.VETTER)) is None
    assert seen(who_is(SignIn.FACILITATOR)) is None


def test_a_state_is_told_without_what_reviews_say() -> None:
    state = {"participants": {"p-20": {"reviews": [{"vetter": "p-12", "verdict": "reject"}]}}}

    def verdict(who: Identity) -> object:
        return without_reviews(state, who)["participants"]["p-20"]["reviews"][0]["verdict"]

    assert (verdict(MANAGER), verdict(VETTER), verdict(Identity("p-12", SignIn.VETTER))) == (None, None, "reject")
