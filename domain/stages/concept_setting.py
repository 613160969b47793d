"""What the concept stands among: convenor, donors, the official channel, other initiatives, readiness.

Most of these are advice or record. Readiness never blocks, a blocked official channel never closes anything.
"""

from collections.abc import Iterator

from pydantic import Field

from domain.charter import Charter
from domain.initiative import UNKNOWN_ID, Initiative
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.concept_design import chartered, ticked
from domain.values import Id, Ids, Text
from domain.vocabulary import (
    Acceptance,
    ConvenorType,
    NoThirdPartyReason,
    OfficialChannel,
    Progress,
    Sensitivity,
)

LOCAL_REASON = rule(
    "concept.local-convenor-reason",
    "A local convenor without a third party needs a reason: mutual trust or a technical topic.",
    "Report convenor_changed with no_third_party_reason, or with third_party=true.",
    "A19, A20",
)

CONVENOR = "convenor"


def reason_given(charter: Charter) -> bool:
    """Return whether this convenor may convene: only a local one alone owes a reason."""
    alone = charter.convenor is ConvenorType.LOCAL_ACTOR and not charter.third_party
    return not alone or charter.no_third_party_reason is not None


def unasked(now: Initiative, of: str) -> Iterator[str]:
    """Yield the parties whose answer on the convenor or a donor is not known."""
    yield from (party.id for party in now.charter.parties if f"{party.id}:{of}" not in now.acceptability)


class ConvenorChanged(Milestone):
    """Another kind of convenor convenes, or with or without a third party; the parties are asked anew."""

    convenor: ConvenorType
    third_party: bool = True
    no_third_party_reason: NoThirdPartyReason | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        require(reason_given(self._chartered(now).charter), LOCAL_REASON)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        kept = {one: answer for one, answer in now.acceptability.items() if not one.endswith(f":{CONVENOR}")}
        return self._chartered(now).but(acceptability=kept).mark("convenor_changed", said.at)

    def _chartered(self, now: Initiative) -> Initiative:
        return chartered(
            now,
            convenor=self.convenor,
            third_party=self.third_party,
            no_third_party_reason=self.no_third_party_reason,
        )


class AcceptabilityRecorded(Milestone):
    """A party said whether it accepts the convenor, or a donor."""

    party: Id
    of: Id = Field(default=CONVENOR, description="`convenor`, or the id of a donor")
    answer: Acceptance
    conditions: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        require(now.party(self.party) is not None, UNKNOWN_ID, f"No party {self.party} here.")
        known = self.of == CONVENOR or self.of in now.charter.donors
        require(known, UNKNOWN_ID, f"Neither the convenor nor a donor: {self.of}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        one = f"{self.party}:{self.of}"
        return now.put("acceptability", one, self.answer.value).mark(f"accepts:{one}", said.at)


class OfficialChannelChanged(Milestone):
    """The official channel opened, was blocked, or is none; the initiative goes on whatever it is."""

    channel: OfficialChannel
    complements: Id | None = Field(default=None, description="which official channel it is")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        known = chartered(now, complements=self.complements or now.charter.complements)
        return known.but(official_channel=self.channel)


class ReadinessScored(Milestone):
    """Somebody scored how ready the parties are, 0 to 100. Advice only: no gate ever asks for it."""

    score: int = Field(ge=0, le=100)
    note: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return chartered(now, readiness=self.score).mark("readiness_scored", said.at)


class IssueProgressChanged(Milestone):
    """The official track moved, or came to a halt, on the issue."""

    progress: Progress

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return chartered(now, issue_progress=self.progress)


class DonorRecorded(Milestone):
    """A supporter or donor was recorded, with its conditions; each party is asked about it."""

    donor: Id
    conditions: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if self.donor in now.charter.donors:
            return now
        new = chartered(now, donors=(*now.charter.donors, self.donor))
        return new.mark(f"donor:{self.donor}", said.at)


class DuplicationChecked(Milestone):
    """Somebody looked for other initiatives on the same issue and parties; `overlaps` names those found."""

    overlaps: Ids = ()

    def apply(self, now: Initiative, said: Said) -> Initiative:
        before = {name: at for name, at in now.marks.items() if name.startswith("overlap:")}
        others = {name: at for name, at in now.marks.items() if name not in before}
        found = {f"overlap:{one}": before.get(f"overlap:{one}", said.at) for one in self.overlaps}
        return ticked(now.but(marks={**others, **found}), "duplication_check", said)


class ForeignPolicyLinked(Milestone):
    """The initiative was tied to an objective of foreign policy."""

    tag: Id

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return chartered(now, foreign_policy_tag=self.tag)


class SensitivityChanged(Milestone):
    """From now on messages disclose more, or less, with a reason."""

    needs_reason = True
    sensitivity: Sensitivity

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return chartered(now, sensitivity=self.sensitivity)
