"""Attribution: per segment, tightened freely, loosened by everybody, obeyed by whatever leaves the room."""

from seated import EVERYBODY, change, held, opened, ready, scheduled, table

from domain.nouns import ConsentMark
from domain.stages.attribution import ALLOWS, Disclosure, may_disclose, may_name
from domain.vocabulary import AttributionRule, ConsentScope

PARTS = "opening:on_record,talks:chatham_house"


def test_under_the_chatham_house_rule_content_leaves_and_people_do_not() -> None:
    life = held()

    allowed = may_disclose(life.now, "S1", "main")

    assert allowed == Disclosure(identity=False, attendance=False, meeting=True, content=True)
    assert not may_name(life.now, "S1", "main", "p-20")


def test_a_stricter_rule_never_discloses_more() -> None:
    for looser, stricter in zip(list(ALLOWS)[:-1], list(ALLOWS)[1:], strict=True):
        assert looser.strictness < stricter.strictness
        assert all(a >= b for a, b in zip(ALLOWS[looser][:4], ALLOWS[stricter][:4], strict=True))


def test_e3_18_part_on_record_part_under_the_rule() -> None:
    life = held(scheduled(segments=PARTS))

    assert may_disclose(life.now, "S1", "opening").identity
    assert not may_disclose(life.now, "S1", "talks").identity
    assert not may_disclose(life.now, "S1").attendance  # of the whole: as the strictest part


def test_e3_18_a_segment_is_loosened_only_when_everybody_present_agrees() -> None:
    life = held(scheduled(segments=PARTS))
    edit = {"session": "S1", "segment": "talks", "rule": "on_record"}
    life.refused("attribution.loosening-needs-all", "attribution_rule_loosened", **edit)
    life.refused("attribution.loosening-needs-all", "attribution_rule_loosened", **edit, consents=EVERYBODY[:3])
    life.report("attribution_rule_loosened", **edit, consents=list(EVERYBODY))

    assert may_disclose(life.now, "S1", "talks").identity


def test_e3_18_whoever_came_late_or_left_early_is_asked_too() -> None:
    life = opened(present=EVERYBODY[:3])
    life.report("attendance_recorded", session="S1", arrived=["p-23"], left=["p-20"])
    edit = {"session": "S1", "segment": "main", "rule": "public"}
    for missing in EVERYBODY:
        others = [one for one in EVERYBODY if one != missing]
        life.refused("attribution.loosening-needs-all", "attribution_rule_loosened", **edit, consents=others)


def test_before_a_session_everybody_seated_is_asked() -> None:
    life = scheduled()
    edit = {"session": "S1", "segment": "main", "rule": "public"}
    life.refused("attribution.loosening-needs-all", "attribution_rule_loosened", **edit, consents=["p-20"])
    for person in EVERYBODY:
        change(life, person, standing="withdrew")
    life.refused("attribution.loosening-needs-all", "attribution_rule_loosened", **edit)


def test_tightening_is_free_and_loosening_is_another_milestone() -> None:
    life = held()
    main = {"session": "S1", "segment": "main"}
    life.refused("attribution.tighter", "attribution_rule_tightened", **main, rule="on_record")
    life.refused("attribution.looser", "attribution_rule_loosened", **main, rule="off_record_no_use")
    life.report("attribution_rule_tightened", **main, rule="off_record_no_use")
    assert not any(may_disclose(life.now, "S1", "main"))


def test_a_whole_session_or_the_default_can_be_tightened() -> None:
    life = scheduled(segments=PARTS)
    life.report("attribution_rule_tightened", session="S1", rule="no_disclosure_of_attendance")
    life.refused("attribution.tighter", "attribution_rule_tightened", session="S1", rule="chatham_house")
    life.report("attribution_rule_tightened", rule="off_record_no_use")
    life.refused("attribution.tighter", "attribution_rule_tightened", rule="chatham_house")
    scheduled(life, "S2")

    strict = AttributionRule.NO_DISCLOSURE_OF_ATTENDANCE
    assert {one.rule for one in life.now.sessions["S1"].segments.values()} == {strict}
    assert life.now.sessions["S2"].segments["main"].rule is AttributionRule.OFF_RECORD_NO_USE


def test_a_segment_is_defined_once_and_never_looser_once_people_have_met() -> None:
    life = ready()
    life.report("segment_defined", session="S1", segment="press", rule="public")
    life.refused("attribution.defined-once", "segment_defined", session="S1", segment="press", rule="public")
    opened_life = life.report("session_opened", session="S1", present=list(EVERYBODY))
    more = {"session": "S1", "segment": "more"}
    opened_life.refused("attribution.loosening-needs-all", "segment_defined", **more, rule="on_record")
    opened_life.report("segment_defined", **more, rule="chatham_house")
    life.refused("report.unknown-id", "attribution_rule_tightened", session="S1", segment="x", rule="public")


def test_a_session_without_a_date_keeps_its_segments() -> None:
    life = scheduled(segments=PARTS).report("session_unscheduled", session="S1")
    life.refused(
        "attribution.defined-once",
        "session_scheduled",
        session="S1",
        starts="2026-09-01T10:00",
        segments={"talks": "public"},
    )


def test_the_door_is_closed_unless_everything_is_public() -> None:
    life = table()
    date = {"session": "S1", "starts": "2026-06-01T10:00", "closed_door": False}
    life.refused("attribution.closed-door", "session_scheduled", **date)
    life.refused("attribution.closed-door", "session_scheduled", **date, segments=PARTS)
    life.report("session_scheduled", **date, segments={"all": "public"})
    life.refused("attribution.closed-door", "segment_defined", session="S1", segment="b", rule="chatham_house")
    life.report("attribution_rule_tightened", session="S1", segment="all", rule="chatham_house")

    assert life.now.sessions["S1"].closed_door


def test_with_consent_only_those_who_consent_are_named() -> None:
    life = held(scheduled(segments="main:attribution_with_consent"))
    at = life.at
    change(life, "p-20", consents={ConsentScope.NAME_IN_REPORT: ConsentMark(given_at=at)})
    change(life, "p-21", consents={ConsentScope.NAME_IN_REPORT: ConsentMark(given_at=at, withdrawn_at=at)})
    named = [one for one in (*EVERYBODY, "p-99") if may_name(life.now, "S1", "main", one)]

    assert named == ["p-20"]


def test_on_the_record_the_erased_and_those_who_took_consent_back_are_not_named() -> None:
    life = held(scheduled(segments="main:on_record"))
    at = life.at
    change(life, "p-20", erased=True)
    change(life, "p-21", consents={ConsentScope.NAME_IN_REPORT: ConsentMark(given_at=at, withdrawn_at=at)})

    assert [one for one in EVERYBODY if may_name(life.now, "S1", "main", one)] == ["p-22", "p-23"]
