"""Five years of a dialogue on shared rivers, made up: what a long life does to reminders, records and upgrades.

`parent()` is a Track 2 initiative with three stalls, changes of mode, of the facilitator, of a partner and of the
people; `child()` the Track 1.5 initiative that takes over two of its recommendations. Each returns a charter and its
dated reports, the same on every call. To play them through the real workflow:

    python -m examples.five_years.make five
    jisr rehearse five/parent.yaml five/parent.jsonl five/child.yaml five/child.jsonl
"""

import json
import sys
from pathlib import Path

from examples.five_years.diary import PARTY, RESERVE, SEATED, Diary, Report, charter, draft, held, joins, session

PARENT, CHILD = "ini-rivers", "ini-rivers-2"


# --- the parent -----------------------------------------------------------------------------------------------------
def parent() -> tuple[Report, list[Report]]:
    partners = [("P1", "IQ", "p-31"), ("P2", "TR", "p-32"), ("P3", "SY", "p-33")]
    made = charter(
        PARENT, "2", ["IQ", "TR", "SY"], seats=12, mode="preventive",
        partners=[{"id": p, "institution": f"inst-{p[1]}", "country": c, "focal": f} for p, c, f in partners],
    )  # fmt: skip
    diary = Diary()
    _begin(diary)
    _recruit(diary)
    _first_two_years(diary)
    _last_three_years(diary)
    return made, diary.reports


def _begin(d: Diary) -> None:
    d.on("2026-02-01").say("theory_of_change_written", text="Whoever measures a river together argues less about it.")
    items = ["conflict_analysis", "stakeholder_map", "do_no_harm_screen", "duplication_check", "exit_criteria"]
    d.each("checklist_item_done", "item", [*items, "design_argument"])
    d.on("2026-02-08").each("acceptability_recorded", "party", ["IQ", "TR", "SY"], answer="accepts")
    d.on("2026-02-15").say("gate_decided", of="concept", decision="go")
    d.on("2026-02-16").each("partner_approached", "partner", ["P1", "P2", "P3"])
    d.each("mou_sent", "partner", ["P1", "P2", "P3"])
    d.on("2026-02-18").each("partner_screened", "partner", ["P1", "P2", "P3"], result="clear")
    d.each("due_diligence_done", "partner", ["P1", "P2", "P3"])
    d.on("2026-03-10").each("partner_signed", "partner", ["P1", "P2"], expires_on="2028-06-30")
    d.on("2026-04-08").say("partner_signed", partner="P3", expires_on="2028-06-30")
    d.each("partner_conflict_declared", "partner", ["P1", "P2", "P3"], conflicts="none")
    d.each("neutrality_noted", "partner", ["P1", "P2", "P3"])
    d.each("checklist_item_done", "item", ["data_terms", "funds_terms", "safety_consultation"])
    d.on("2026-04-12").say("gate_decided", of="partners", decision="go")


def _recruit(d: Diary) -> None:
    everybody = [*SEATED, *RESERVE]
    d.on("2026-04-14")
    for n, id in enumerate(everybody):
        partner = {"IQ": "P1", "TR": "P2", "SY": "P3"}[PARTY[id]]
        d.say(
            "participant_nominated", person=id, partner=partner, country=PARTY[id], party=PARTY[id],
            capacity="non_official", category=("academic", "expert", "journalist", "business")[n % 4],
            gender=("woman", "man")[n % 2], first_time=n % 3 == 0, outside_capital=n % 4 == 0,
        )  # fmt: skip
    pairs = {id: (("p-21", "p-22"), ("p-22", "p-23"), ("p-21", "p-23"))[n % 3] for n, id in enumerate(everybody)}
    d.on("2026-04-16")
    for id, both in pairs.items():
        d.each("vetter_assigned", "vetter", list(both), by="vetting_lead:p-05", person=id)
    d.on("2026-04-26")
    for id, both in pairs.items():
        for vetter in both:
            d.say("review_given", by=f"vetter:{vetter}", person=id, vetter=vetter, verdict="approve")
    d.on("2026-05-05").each("vetting_decided", "person", SEATED, by="vetting_lead:p-05", decision="cleared")
    d.each("vetting_decided", "person", RESERVE, by="vetting_lead:p-05", decision="reserve")
    d.on("2026-05-06").say("gate_decided", of="vetting", decision="go").each("invitation_sent", "person", SEATED)
    d.on("2026-05-19")
    for id in SEATED:
        joins(d, id)


def _first_two_years(d: Diary) -> None:
    istanbul: Report = {"country": "TR", "host": "inst-2"}
    d.on("2026-05-24").say("indicator_defined", indicator="river_level", threshold=10, alarm_above=False)
    session(d, "S1", "2026-08-18", SEATED[:10], "p-04")
    session(d, "S2", "2026-12-08", SEATED, "p-04", **istanbul)
    d.on("2027-01-10").say("indicator_read", indicator="river_level", value=8)
    d.on("2027-01-11").say("liaison_meeting_held", office="office-1")
    # the first stall: four months
    d.on("2027-01-12").say("stall_declared", reason="The water ministers cancelled their meeting.")
    d.on("2027-02-14").say("keepwarm_contact_made", partner="P2").on("2027-03-14").say(
        "keepwarm_contact_made", partner="P3"
    )
    d.on("2027-05-12").say("stall_resumed", reason="The ministers met.")
    d.on("2027-05-16").say("stage_begun_early", of="recommendations", reason="The group began to write.")
    d.on("2027-05-20").say("initiative_linked", initiative=CHILD, relation="target")  # the child is open by now
    d.say("session_scheduled", session="S3", starts="2027-08-17T10:00", zone="Asia/Baghdad", country="IQ")
    d.on("2027-06-20").say("facilitator_stepped_down").on("2027-06-27").say("facilitator_appointed", person="p-09")
    d.say("handover_note_filed", role="facilitator")
    d.on("2027-07-11").say("session_postponed", session="S3", starts="2027-09-14T10:00", reason="Forty degrees.")
    # a member takes office: he must leave a Track 2 table and is offered a seat at the other one
    d.on("2027-07-18").say("capacity_changed", person="p-65", capacity="serving_official", since="2027-07-18")
    d.on("2027-07-25").say("seat_offered_elsewhere", person="p-65", initiative=CHILD)
    d.say("vetting_renewed", by="vetting_lead:p-05", person="p-73").say("reserve_promoted", person="p-73")
    _renewed(d, "2027-07-26", ["p-73"])
    held(d, "S3", "2027-09-14", _table()[:11], "p-09", "IQ")
    draft(d, "2027-10-10", "R1", ["p-61", "p-66"])
    draft(d, "2027-10-31", "R2", ["p-62", "p-70"])
    # the crisis asks for other things than prevention
    d.on("2027-11-28").say("mode_changed", mode="crisis", reason="Two dams were closed without a word.")
    draft(d, "2027-12-05", "R3", ["p-63", "p-67"], "de_escalation_option")
    draft(d, "2027-12-26", "R4", ["p-64", "p-71"], "de_escalation_option")
    d.on("2028-01-18").say("recommendation_passed_on", recommendation="R3", to_initiative=CHILD)
    d.say("recommendation_passed_on", recommendation="R4", to_initiative=CHILD)


def _renewed(d: Diary, day: str, ids: list[str]) -> None:
    """Invite people whose vetting is fresh enough, and let them join a week later."""
    d.on(day).each("invitation_sent", "person", ids)
    d.on(day, 7)
    for id in ids:
        joins(d, id)


def _table(dead: bool = False) -> list[str]:
    """Return who sits after the appointment, and after the death."""
    gone = {"p-65", *(["p-67"] if dead else [])}
    return [*(id for id in SEATED if id not in gone), "p-73", *(["p-74"] if dead else [])]


def _last_three_years(d: Diary) -> None:
    # the second stall: fourteen months, with much left open
    d.on("2028-02-01").say(
        "session_scheduled", session="S4", starts="2028-05-16T10:00", zone="Asia/Baghdad", country="TR"
    )
    d.say("recommendation_drafted", recommendation="R5", output="policy_option", authors=["p-68", "p-72"], text="...")
    d.on("2028-02-10").say("stall_declared", reason="Shelling in the north; nobody can travel.", review_on="2028-05-14")
    d.on("2028-03-12").say("keepwarm_contact_made", partner="P1").on("2028-03-20").say(
        "session_unscheduled", session="S4"
    )
    d.on("2028-05-17").say("stall_reviewed").on("2028-06-18").say("mou_renewed", partner="P1", expires_on="2031-06-30")
    d.on("2028-07-09").say("partner_withdrew", partner="P2").on("2028-08-06").say("partner_data_returned", partner="P2")
    d.each("individual_capacity_confirmed", "person", ["p-66", "p-68", "p-69", "p-74"])
    d.on("2028-09-03").say("person_died", person="p-67").on("2028-10-01").say("stall_reviewed")
    d.on("2029-01-14").say("keepwarm_contact_made", partner="P1")
    d.on("2029-04-10").say("stall_resumed", reason="A cease-fire holds.")
    # what grew old meanwhile
    table, chair = _table(dead=True), "p-09"
    d.on("2029-04-22").each("vetting_renewed", "person", table, by="vetting_lead:p-05")
    d.on("2029-04-29").each("consent_given", "person", table[:8], scopes=["participate", "store"])
    d.say("mou_renewed", partner="P3", expires_on="2031-06-30")
    d.on("2029-05-06").say("reserve_promoted", person="p-74")
    _renewed(d, "2029-05-07", ["p-74"])
    d.on("2029-05-20").say("mode_changed", mode="post_conflict", reason="The fighting is over.")
    d.say("partner_returned", partner="P4", formerly="P2").say("partner_screened", partner="P4", result="clear")
    d.say("mou_sent", partner="P4").say("due_diligence_done", partner="P4")
    d.on("2029-06-24").say("partner_signed", partner="P4", expires_on="2031-12-31")
    d.say("partner_conflict_declared", partner="P4", conflicts="none").say("neutrality_noted", partner="P4")
    d.on("2029-06-26").say(
        "session_scheduled", session="S4", starts="2029-09-11T10:00", zone="Asia/Baghdad", country="TR"
    )
    d.on("2029-07-01").each("wording_cleared", "person", ["p-68", "p-72"], recommendation="R5")
    held(d, "S4", "2029-09-11", table[:10], chair, "TR")
    draft(d, "2029-10-14", "R6", ["p-66", "p-73"], "reintegration_framework")
    session(d, "S5", "2030-01-22", table[:9], chair)
    session(d, "S6", "2030-05-14", table, chair, country="IQ", host="inst-1")
    # the third stall: three months
    d.on("2030-06-09").say("stall_declared", reason="Elections on one side.").on("2030-07-07").say("stall_reviewed")
    d.on("2030-09-08").say("stall_resumed", reason="A government was formed.")
    d.say("mode_changed", mode="preventive", reason="The rivers are ordinary again.")
    d.say("indicator_read", indicator="river_level", value=14)
    session(d, "S7", "2030-11-26", table[:11], chair, set_before=65)
    session(d, "S8", "2031-03-11", table, chair, set_before=70, country="TR", host="inst-2")
    d.on("2031-04-06").say("gate_decided", of="sessions", decision="go")
    _handed_over(d)


def _handed_over(d: Diary) -> None:
    d.on("2031-04-08").say("recommendation_scored", recommendation="R5", creative=4, realistic=4)
    d.say("recommendation_revised", recommendation="R5", owner="p-68", step="One gauge.", horizon="2032-12-31")
    d.on("2031-04-13").say("gate_decided", of="recommendations", decision="go")
    liaison = "track1_liaison:p-10"
    d.on("2031-04-15").each(
        "transfer_submitted", "recommendation", ["R1", "R2", "R5", "R6"], by=liaison, office="office-1"
    )
    d.on("2031-05-25").say("transfer_acknowledged", by=liaison, recommendation="R1")
    for day, id, outcome in (("2031-07-20", "R1", "adopted"), ("2031-08-10", "R2", "partly_adopted")):
        d.on(day).say("transfer_outcome_recorded", by=liaison, recommendation=id, outcome=outcome)
    d.on("2031-11-02").say("transfer_outcome_recorded", by=liaison, recommendation="R5", outcome="rejected")
    d.say("transfer_outcome_recorded", by=liaison, recommendation="R6", outcome="no_response")
    d.on("2031-11-09").say("network_handed_over", custodian="inst-1").say("checklist_item_done", item="debriefing")
    d.say("evaluation_recorded", wave="close").say("lesson_recorded", lesson="Rest openly, and say until when.")
    d.on("2031-11-16").say("retention_run_done").on("2031-11-18").say("initiative_closed")


# --- the child ------------------------------------------------------------------------------------------------------
def child() -> tuple[Report, list[Report]]:
    """Return the Track 1.5 initiative in which the member who took office sits; R3 and R4 come here by themselves."""
    made = charter(CHILD, "1.5", ["IQ", "TR"], seats=4, quotas={"women": 0.2}, in_deadlock=True)
    made["waived"] += ["quality_rubric"]
    d = Diary()
    d.on("2027-05-19").say(
        "theory_of_change_written", text="Officials hear in private what they may say in public later."
    )
    d.say("stage_skipped", of="concept", reason="It was argued in the initiative this one grew from.")
    d.say("stage_skipped", of="partners", reason="The partners of the other initiative carry this one.")
    people = {"p-65": ("IQ", "man"), "p-81": ("TR", "woman"), "p-82": ("IQ", "woman"), "p-83": ("TR", "man")}
    d.on("2027-08-01")
    for id, (party, gender) in people.items():
        office = {"capacity": "serving_official", "capacity_since": "2027-07-18"} if id in ("p-65", "p-81") else {}
        d.say(
            "participant_nominated",
            person=id,
            country=party,
            party=party,
            gender=gender,
            **{"capacity": "non_official", **office},
        )
    d.each("capacity_verified", "person", ["p-65", "p-81"], by="vetting_lead:p-05", evidence="2027-07-30")
    d.on("2027-08-08").say("checklist_item_done", item="safety_consultation")
    for id in people:
        d.each("vetter_assigned", "vetter", ["p-21", "p-22"], by="vetting_lead:p-05", person=id)
    d.on("2027-08-22")
    for id in people:
        for vetter in ("p-21", "p-22"):
            d.say("review_given", by=f"vetter:{vetter}", person=id, vetter=vetter, verdict="approve")
    d.on("2027-08-25").each("vetting_decided", "person", list(people), by="vetting_lead:p-05", decision="cleared")
    d.say("gate_decided", of="vetting", decision="go").each("invitation_sent", "person", list(people))
    d.on("2027-09-05").each("personal_capacity_attested", "person", ["p-65", "p-81"], on="2027-09-05")
    for id in people:
        joins(d, id)
    session(d, "C1", "2027-12-14", list(people), "p-04")
    d.on("2028-01-10").say("stage_begun_early", of="recommendations", reason="Two texts are about to come over.")
    taken = f"{PARENT}.R3"
    d.on("2028-02-13").say("recommendation_revised", recommendation=taken, authors=["p-82", "p-83"], owner="p-82", horizon="2029-12-31", step="A line between the dams.")  # fmt: skip # noqa: E501
    d.on("2028-02-27").each("wording_cleared", "person", ["p-82", "p-83"], recommendation=taken)
    d.say("recommendation_scored", recommendation=taken, creative=4, realistic=4)
    d.say("gate_decided", of="sessions", decision="go").say("gate_decided", of="recommendations", decision="go")
    d.on("2028-03-01").say("transfer_submitted", recommendation=taken, office="office-2")
    d.on("2028-09-10").say("transfer_outcome_recorded", recommendation=taken, outcome="adopted")
    return made, d.reports


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "five_years")
    folder.mkdir(exist_ok=True)
    for name, (opened, reports) in {"parent": parent(), "child": child()}.items():
        (folder / f"{name}.yaml").write_text(json.dumps(opened, indent=1, ensure_ascii=False), encoding="utf-8")
        lines = (json.dumps(one, ensure_ascii=False) for one in reports)
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
