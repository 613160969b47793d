"""Every command a page shows is run, in order, against a real `jisr up`; every verb and option a page names exists."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.server import free_ports
from docs.generators.commands import options, verbs
from tests.docs.pages import PAGES, ROOT, Step, matches, name, steps

WITH_STEPS = [page for page in PAGES if any(step.command for step in steps(page))]


# --- run what is shown ----------------------------------------------------------------------------------------------
@pytest.fixture
def reader(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A reader in a folder like a checkout, with `jisr up` running there; return the environment they type in."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    programs = Path(sys.executable).parent
    settings = {key: value for key, value in os.environ.items() if not key.startswith(("JISR_", "TEMPORAL_"))}
    environment = {**settings, "PATH": f"{programs}:{os.environ['PATH']}", "PWD": str(tmp_path), "LC_ALL": "C.UTF-8"}
    ports = [str(port) for port in free_ports(2)]
    typed = [programs / "jisr", "up", "--no-web", "--temporal-port", ports[0], "--ui-port", ports[1]]
    log = tmp_path / "up.log"
    with (
        log.open("w") as out,
        subprocess.Popen(typed, cwd=tmp_path, env=environment, stdout=out, stderr=out, start_new_session=True) as up,
    ):
        try:
            _until_ready(up, log)
            yield environment
        finally:
            up.send_signal(signal.SIGTERM)
            try:
                up.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(up.pid, signal.SIGKILL)


def _until_ready(up: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while "ready" not in log.read_text().split():
        assert up.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@pytest.mark.timeout(600)  # some thirty commands, each a process of its own
@pytest.mark.xdist_group("jisr-up")
@pytest.mark.parametrize("page", WITH_STEPS, ids=name)
def test_every_command_on_a_page_does_what_the_page_shows(page: Path, reader: dict[str, str]) -> None:
    folder = Path(reader["PWD"])
    for step in steps(page):
        if step.file:
            (folder / step.file).write_text(step.body, encoding="utf-8")
        else:
            _type(step, folder, reader)


def _type(step: Step, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", step.command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    shown = f"{step.page}: $ {step.command}\n{done.stdout}{done.stderr}(exit {done.returncode})"
    assert done.returncode == step.code, shown
    assert matches(step.says, done.stdout + done.stderr), f"{shown}\n--- the page says:\n{step.says}"


def test_there_are_commands_to_run() -> None:
    assert name(WITH_STEPS[0]) == "README.md"
    assert len(list(steps(WITH_STEPS[0]))) > 15


@pytest.mark.parametrize(
    ("expected", "said", "fits"),
    [
        ("", "", True),
        ("", "something", False),
        ("...", "anything\nat all", True),
        ("accepted ini seq 2", "accepted ini seq 2\n", True),
        ("accepted ini seq 2", "accepted ini seq 22\n", False),
        ("a ... z", "a b\nc z", True),
        ("a ... z", "a b", False),
    ],
)
def test_what_a_page_shows_is_compared(expected: str, said: str, fits: bool) -> None:
    assert matches(expected, said) is fits


# --- every verb and option that is named ----------------------------------------------------------------------------
WRITTEN = re.compile(r"(?:^\$ |`)jisr ([a-z][^`\n]*)", re.MULTILINE)
ELSEWHERE = ("docs/commands.md",)  # made from the verbs themselves


def named() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        if name(page) not in ELSEWHERE:
            text = page.read_text(encoding="utf-8")
            yield from ((name(page), found.group(1).split(" > ")[0]) for found in WRITTEN.finditer(text))


@pytest.mark.parametrize(("page", "typed"), sorted(set(named())))
def test_every_verb_and_option_a_page_names_exists(page: str, typed: str) -> None:
    words = re.sub(r'"[^"]*"', "", typed).split()
    verb = next((" ".join(["jisr", *words[:n]]) for n in (2, 1) if " ".join(["jisr", *words[:n]]) in verbs()), None)
    family = any(one.startswith(f"jisr {words[0]} ") for one in verbs())

    assert verb or (family and len(words) == 1), f"{page}: there is no `jisr {typed}`"
    if verb:
        given = {word.split("=")[0] for word in words if word.startswith("-") and word != "-"}
        assert given <= options(verbs()[verb]), f"{page}: `jisr {typed}`"
