"""How the five years are written down: a diary of reports, the people and the charter, and what recurs in them."""

from datetime import date, datetime, timedelta
from typing import Any

ZONES = {"IQ": "Asia/Baghdad", "TR": "Europe/Istanbul", "SY": "Asia/Damascus", "CH": "Europe/Zurich"}
SEATED = [*(f"p-{n}" for n in range(61, 73))]  # five of IQ, four of TR, three of SY
RESERVE = ["p-73", "p-74", "p-75"]  # one of each
PARTY = dict(zip([*SEATED, *RESERVE], ["IQ"] * 5 + ["TR"] * 4 + ["SY"] * 3 + ["IQ", "TR", "SY"], strict=True))
WARM = SEATED[:3]  # these may be written to while the dialogue rests
Report = dict[str, Any]


class Diary:
    """Reports in order of time: `on` sets the day (Friday and Saturday become Sunday), `say` reports."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self._at = datetime(2026, 1, 1)  # noqa: DTZ001  wall time in Baghdad, which knows no summer time

    def on(self, day: str, later: int = 0) -> "Diary":
        """Go to a day, or so many days later than it."""
        to = date.fromisoformat(day) + timedelta(days=later)
        to += timedelta(days={4: 2, 5: 1}.get(to.weekday(), 0))
        at = datetime(to.year, to.month, to.day, 10)  # noqa: DTZ001
        assert at.date() >= self._at.date(), f"{day} is before {self._at}"
        self._at = max(at, self._at)
        return self

    def say(self, kind: str, by: str = "manager:p-01", **fields: Any) -> "Diary":
        self._at += timedelta(minutes=2)
        key = f"{self._at:%y%m%d}-{len(self.reports):03d}"
        self.reports.append({"at": f"{self._at.isoformat()}+03:00", "kind": kind, **fields, "by": by, "key": key})
        return self

    def each(self, kind: str, name: str, ids: list[str], by: str = "manager:p-01", **fields: Any) -> "Diary":
        for id in ids:
            self.say(kind, by=by, **{name: id}, **fields)
        return self


def person(id: str, country: str, organisation: str | None = None) -> Report:
    card = {
        "id": id,
        "country": country,
        "zone": ZONES[country],
        "language": {"TR": "tr", "CH": "en"}.get(country, "ar"),
    }
    return {**card, **({"organisation": organisation} if organisation else {}), "email": f"{id}@example.org"}


def charter(id: str, track: str, parties: list[str], **more: Any) -> Report:
    """Return a charter with the team both initiatives share."""
    return {
        "id": id,
        "track": track,
        "issue": "water",
        "purposes": ["analyse", "prevent"],
        "official_channel": "open",
        "parties": [{"id": party, "country": party} for party in parties],
        "roles": {
            "manager": "p-01", "deputy": "p-02", "director": "p-03", "facilitator": "p-04", "vetting_lead": "p-05",
            "security_adviser": "p-06", "logistics": "p-07", "rapporteur": "p-08", "track1_liaison": "p-10",
        },
        "vetters": ["p-21", "p-22", "p-23"],
        "people": [
            *(person(f"p-{n:02d}", "IQ") for n in (1, 2, 6, 10)),
            *(person(f"p-{n:02d}", "CH") for n in (3, 4, 5, 8, 9)),
            person("p-07", "TR"), person("p-21", "CH", "org-21"), person("p-22", "TR", "org-22"),
            person("p-23", "IQ", "org-23"), person("p-31", "IQ", "inst-1"), person("p-32", "TR", "inst-2"),
            person("p-33", "SY", "inst-3"), *(person(id, country) for id, country in PARTY.items()),
        ],
        "waived": ["prior_efforts", "budget_envelope", "visibility_terms", "diversity_matrix", "nomination_sources"],
        **more,
    }  # fmt: skip


# --- what recurs --------------------------------------------------------------------------------------------------
def joins(d: Diary, id: str) -> None:
    scopes = ["participate", "store", *(["contact_in_stall"] if id in WARM else [])]
    d.say("invitation_answered", by=f"participant:{id}", person=id, answer="accepted")
    d.say("terms_accepted", by=f"participant:{id}", person=id)
    d.say("consent_given", by=f"participant:{id}", person=id, scopes=scopes)


def session(d: Diary, id: str, day: str, people: list[str], chair: str, set_before: int = 75, **given: Any) -> None:
    """Schedule a session, play it a good two months later, and file its report; most of them say how it was."""
    where: Report = given or {"online": True}
    d.on(day, -set_before).say("session_scheduled", session=id, starts=f"{day}T10:00", zone="Asia/Baghdad", **where)
    held(d, id, day, people, chair, given.get("country"))


def held(d: Diary, id: str, day: str, people: list[str], chair: str, country: str | None) -> None:
    """Hold a session, in a country or online; whoever crosses a border hands in visa data, most of them late."""
    if country:
        going = [one for one in people if PARTY[one] != country]
        d.on(day, -40).each("visa_data_given", "person", going, by="logistics:p-07", session=id)
        d.on(day, -25).say("tickets_booked", by="logistics:p-07", session=id, people=going)
    d.on(day, -16).say("papers_sent", session=id)
    if country:
        d.on(day, -12).say("venue_attested", session=id)
    d.on(day, -5).say("neutrality_declared", session=id, person=chair).say("security_briefed", session=id)
    d.on(day).say("session_opened", by="rapporteur:p-08", session=id, present=people)
    d.on(day, 1).say("session_closed", by="rapporteur:p-08", session=id)
    d.on(day, 9)
    for one in people[: len(people) * 3 // 4]:
        d.say("feedback_given", by=f"participant:{one}", session=id, person=one)
    d.on(day, 24).say("session_report_filed", by="rapporteur:p-08", session=id)
    if country:
        d.say("reimbursements_settled", by="logistics:p-07", session=id)


def draft(d: Diary, day: str, id: str, authors: list[str], output: str = "policy_option") -> None:
    """Draft a recommendation; its authors clear it three weeks later, so they are reminded."""
    more = {"owner": authors[0], "horizon": "2031-12-31", "step": "The two water authorities agree on one gauge."}
    d.on(day).say("recommendation_drafted", recommendation=id, output=output, authors=authors, text="...", **more)
    d.on(day, 21).each("wording_cleared", "person", authors, recommendation=id)
    d.say("recommendation_scored", recommendation=id, creative=3, realistic=4)
    d.say("release_class_set", recommendation=id, release_class="officials")
