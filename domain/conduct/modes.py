"""Modes and indicators: where the conflict stands decides what is owed, and may change while everything runs.

Preventive: read the indicators. Crisis: draft de-escalation options. Post-conflict: draft a framework for
justice or reintegration. The obligations of a mode live as long as it does and end when the work is done.
"""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from domain.engine_facts import IndicatorAlerted, IndicatorCalmed
from domain.initiative import Initiative, known
from domain.nouns import Indicator
from domain.obligations import Obligation, owed
from domain.record import EngineFact, Milestone, Said
from domain.rules import require, rule
from domain.values import Id
from domain.vocabulary import Mode, OutputKind, Role

SAME_MODE = rule(
    "mode.already",
    "The initiative is in that mode already.",
    "Nothing to do.",
    "A34",
)

# What a mode asks the team to draft, and which outputs answer it.
DRAFTS = {
    Mode.CRISIS: ("draft_de_escalation_options", (OutputKind.DE_ESCALATION_OPTION,)),
    Mode.POST_CONFLICT: (
        "draft_recovery_framework",
        (OutputKind.JUSTICE_FRAMEWORK, OutputKind.REINTEGRATION_FRAMEWORK),
    ),
}


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what the present mode asks for, and the alerts that stand."""
    if now.closed_at is not None:
        return
    began = now.mode_since or now.opened_at
    if now.mode is Mode.PREVENTIVE:
        yield from _readings(now)
    else:
        ask, answers = DRAFTS[now.mode]
        drafted = any(
            r.output in answers and r.living and r.drafted_at is not None and r.drafted_at >= began
            for r in now.recommendations.values()
        )
        if not drafted:
            yield owed(now, ask, Role.MANAGER, "task", began, now.stage, _occasion(began))
    for i in now.indicators.values():
        if i.alert and i.alert_since is not None:
            ids = (i.id, _occasion(i.alert_since))
            yield owed(now, "indicator_alert", Role.MANAGER, "tell", i.alert_since, now.stage, *ids, indicator=i.id)


def _readings(now: Initiative) -> Iterator[Obligation]:
    if not now.indicators and now.mode_since is not None:
        ids: tuple[str, ...] = (_occasion(now.mode_since),)
        yield owed(now, "define_indicators", Role.MANAGER, "task", now.mode_since, now.stage, *ids)
    for i in now.indicators.values():
        since = max(filter(None, (i.read_at, i.defined_at, now.mode_since)), default=now.opened_at)
        ids = (i.id, _occasion(since))
        yield owed(
            now,
            "read_indicators",
            i.owner or Role.MANAGER,
            "indicator",
            since,
            now.stage,
            *ids,
            indicator=i.id,
        )


def _occasion(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S")


# --- milestones --------------------------------------------------------------------------------------------
class ModeChanged(Milestone):
    """The conflict stands elsewhere now, with a reason; what is owed changes with it at once."""

    needs_reason = True
    mode: Mode

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.mode is not now.mode, SAME_MODE, f"Mode {now.mode}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.but(mode=self.mode, mode_since=said.at)


class IndicatorDefined(Milestone):
    """A sign of instability is watched, with a threshold that raises an alert. Defined again, it changes."""

    indicator: Id
    threshold: float = Field(allow_inf_nan=False)
    alarm_above: bool = True
    owner: Id | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = now.indicators.get(self.indicator)
        fresh = Indicator(id=self.indicator, threshold=self.threshold, defined_at=said.at)
        changed = (old or fresh).but(
            threshold=self.threshold,
            alarm_above=self.alarm_above,
            owner=self.owner or (old.owner if old else None),
        )
        if changed.value is not None:
            changed = _read(changed, changed.value, said)
        return now.put("indicators", self.indicator, changed)

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        return _crossed(before, after, self.indicator)


class IndicatorRead(Milestone):
    """An indicator was read; a value beyond its threshold raises an alert, one behind it calms it."""

    indicator: Id
    value: float = Field(allow_inf_nan=False)

    def allow(self, now: Initiative, said: Said) -> None:
        known(now.indicators, self.indicator, "indicator")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        read = _read(now.indicators[self.indicator], self.value, said).but(read_at=said.at)
        return now.put("indicators", self.indicator, read)

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        return _crossed(before, after, self.indicator)


def _read(indicator: Indicator, value: float, said: Said) -> Indicator:
    alert = value > indicator.threshold if indicator.alarm_above else value < indicator.threshold
    since = (indicator.alert_since or said.at) if alert else None
    return indicator.but(value=value, alert=alert, alert_since=since)


def _crossed(before: Initiative, after: Initiative, id: str) -> tuple[EngineFact, ...]:
    """Return the alert or the calm, only when the reading crossed the threshold."""
    old, new = before.indicators.get(id), after.indicators[id]
    was = old is not None and old.alert
    if new.value is None or new.alert is was:
        return ()
    if new.alert:
        return (IndicatorAlerted(indicator=id, value=new.value, threshold=new.threshold),)
    return (IndicatorCalmed(indicator=id, value=new.value),)
