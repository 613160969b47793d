"""Whatever happens to an initiative, in whatever order: what must always hold, holds. See laws.py for what that is."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.chain import check_chain
from domain.journal import Journal
from domain.record import MILESTONES, Entry
from domain.vocabulary import Stage
from tests.properties.lives import Life, tell

ROOT = Path(__file__).parents[2]
SEEDS = st.integers(0, 2**32 - 1)
TRACKS = st.sampled_from(("1.5", "1.5", "2", "2", "3"))
CALM = st.sampled_from((0, 31, 60, 97, 108, 117, 127, 136, 150))  # the beat from which on chance has a say
CALM_FROM = (0, 98, 108, 127, 137)
LIVES = 2 * settings().max_examples


@settings(max_examples=LIVES)
@given(
    seed=SEEDS,
    track=TRACKS,
    calm=CALM,
    trouble=st.sampled_from((0.1, 0.35, 0.6)),
    urgent=st.booleans(),
    alone=st.booleans(),
)
def test_the_laws_hold_in_every_life_and_its_record_tells_it_whole(
    seed: int, track: str, calm: int, trouble: float, urgent: bool, alone: bool
) -> None:
    life = tell(seed, track, calm, trouble, urgent, alone)

    _the_record_is_one_chain(life)
    _the_record_is_the_state(life)
    life.turn_the_page()
    assert life.agenda().obligations == Journal(life.now).agenda({}).obligations


def _the_record_is_one_chain(life: Life) -> None:
    verdict = check_chain(life.record, life.head)
    assert verdict.ok
    assert verdict.entries == life.journal.seq == len(life.record)


def _the_record_is_the_state(life: Life) -> None:
    written = [Entry.model_validate_json(entry.model_dump_json()) for entry in life.record]
    assert written == life.record
    folded = Journal.fold(written)
    assert folded.now == life.now
    assert (folded.seq, folded.head) == (life.journal.seq, life.journal.head)
    assert folded.now.model_dump_json() == Journal.fold(life.record).now.model_dump_json(), "evolving is deterministic"


def test_these_lives_reach_every_stage_and_most_of_the_catalogue() -> None:
    """Chance that never gets anywhere would prove nothing."""
    kinds: set[str] = set()
    stages: set[Stage] = set()
    told: Counter[str] = Counter()
    for seed in range(10):
        life = tell(seed, ("1.5", "2")[seed % 2], CALM_FROM[seed % 5], trouble=0.6, told_before=told)
        kinds |= {entry.kind for entry in life.record}
        stages |= {stage for stage, state in life.now.stages.items() if state.gates}

    assert stages == {stage for stage in Stage if stage is not Stage.CLOSED}
    assert len(kinds & set(MILESTONES)) >= 0.7 * len(MILESTONES), sorted(set(MILESTONES) - kinds)
    assert {"rung_reached", "notice_suppressed", "composition_broken", "composition_repaired"} <= kinds


@pytest.mark.parametrize("seed", ["1", "77"])
def test_no_order_of_hashes_decides_anything(seed: str) -> None:
    """Sets and the like may come in another order in another process: the record must come out the same."""
    told = tell(5, "1.5", calm=60, trouble=0.6)
    program = (
        "from tests.properties.lives import tell; life = tell(5, '1.5', calm=60, trouble=0.6); print(life.journal.head)"
    )
    paths = os.pathsep.join((str(ROOT), str(ROOT / "tests" / "domain")))
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == told.journal.head
