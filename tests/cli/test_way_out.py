"""Every command leaves as a process: with the exit code of the contract, its data whole, and no traceback."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

from life import Life

from tests.cli.conftest import LAUNCH, NOWHERE, PATIENCE, environment, process


def test_exit_codes_reach_the_shell(home: Path, life: Life) -> None:
    away = {"TEMPORAL_ADDRESS": NOWHERE, "JISR_TEMPORAL_TIMEOUT": "0.1"}

    for code, arguments in (
        (0, ("--help",)),
        (0, ("report", "--help")),
        (0, ("list", "--json")),
        (2, ("list", "--stage", "lunch")),
        (3, ("report", "ini-test", "partner_signed", "partner=P1")),
        (4, ("timeline", "ini-none")),
    ):
        done = process(home, *arguments, **away)
        assert done.code == code, (arguments, done)
        assert bool(done.out) is (code == 0), "data on stdout, words on stderr"
        assert "Traceback" not in done.err


def _heeds_interrupts() -> None:
    """A test that was started in the background of a shell ignores them, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_is_130(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and says nothing
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        child = subprocess.Popen(
            [*LAUNCH, "report", "ini-test", "partner_signed", "partner=P1"],
            env=environment(home, TEMPORAL_ADDRESS=address, JISR_TEMPORAL_TIMEOUT="60"),
            stderr=subprocess.PIPE,
            preexec_fn=_heeds_interrupts,  # noqa: PLW1509  no threads here
        )
        silent.settimeout(PATIENCE)
        connection, _ = silent.accept()
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=PATIENCE)
        connection.close()

    assert child.returncode == 130
    assert b"Traceback" not in err


def test_a_reader_that_has_read_enough_is_no_error(home: Path) -> None:
    child = subprocess.Popen(
        [*LAUNCH, "milestones", "--json"], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    with child.stderr as stderr:
        assert not stderr.read()
    assert child.wait(PATIENCE) == 0


def test_what_nobody_foresaw_is_one_sentence(home: Path, life: Life) -> None:
    # An entry of a kind that this release does not know, as a later one would leave it.
    program = (
        "import sys; from cli import main; from domain import record; import domain.decide;"
        "del record.MILESTONES['checklist_item_done']; sys.argv = ['jisr', 'show', 'ini-test']; main.main()"
    )
    away = {"TEMPORAL_ADDRESS": NOWHERE, "JISR_TEMPORAL_TIMEOUT": "0.1"}
    done = {
        level: subprocess.run(
            [sys.executable, "-c", program],
            env=environment(home, JISR_LOG_LEVEL=level, **away),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        for level in ("WARNING", "DEBUG")
    }

    assert {one.returncode for one in done.values()} == {1}
    assert "Traceback" not in done["WARNING"].stderr
    assert "JISR_LOG_LEVEL=DEBUG" in done["WARNING"].stderr
    assert "Traceback" in done["DEBUG"].stderr


def test_what_is_not_needed_is_not_imported(home: Path) -> None:
    program = (
        "import sys; from cli.main import run;"
        "run(['report', 'ini-test', 'partner_signed', 'partner=P1']);"
        "print(sorted({m.split('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    )
    slow = ["sqlmodel", "sqlalchemy", "apprise", "holidays", "alembic", "yaml", "icalendar"]
    done = subprocess.run(
        [sys.executable, "-c", program, *slow],
        env=environment(home, TEMPORAL_ADDRESS=NOWHERE, JISR_TEMPORAL_TIMEOUT="0.1"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.stdout.strip() == "[]"
