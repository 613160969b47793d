#!/usr/bin/env python3
"""Set up Jisr in one step: make .venv and install the locked packages into it.

    python3 bootstrap.py run     what `jisr` needs
    python3 bootstrap.py test    that, and what the tests need
    python3 bootstrap.py lint    those, and the checkers

Standard library only. A second run finds its stamp and does nothing.
"""

import sys

# First, and in words that Python 3.6 can still read: an old Python gets a sentence, not a traceback.
if sys.version_info < (3, 11):
    print(
        "Jisr needs Python 3.11 or newer, and %s is Python %d.%d: run it again with a newer one, "
        "for example `make demo PYTHON=python3.12`." % (sys.executable, *sys.version_info[:2]),
        file=sys.stderr,
    )
    sys.exit(2)
if sys.platform == "win32":
    print("Jisr runs on Linux and macOS: on Windows, use it inside WSL.", file=sys.stderr)
    sys.exit(2)

import fcntl
import hashlib
import json
import shutil
import subprocess
import time
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "jisr-stamp.json"
COMPILED = VENV / "jisr-compiled"  # the age of the source that was compiled last
ONLY_LOCKED = ["--require-hashes", "--only-binary", ":all:"]
LOCKS = {"run": ["run"], "test": ["run", "test"], "lint": ["run", "test", "lint"]}


class SetUpStopped(Exception):
    """What happened, why, and what to do next, in one sentence."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print("Usage: python3 bootstrap.py run|test|lint", file=sys.stderr)
        return 2
    with Path(__file__).open() as this_file:
        fcntl.flock(this_file, fcntl.LOCK_EX)  # two terminals may call `make` at once
        try:
            set_up(LOCKS[arguments[0]])
            compile_own()
        except SetUpStopped as stopped:
            print(stopped, file=sys.stderr)
            return 3
        except KeyboardInterrupt:
            return 130
    return 0


def set_up(wanted: list[str]) -> None:
    place = {"python": sys.version, "base": sys.base_prefix, "root": str(ROOT)}
    stamp = read_stamp()
    installed = stamp["locks"] if stamp["place"] == place else {}
    if all(installed.get(name) == digest(name) for name in wanted):
        return

    # What an earlier run installed stays: `run` after `test` keeps the tests' packages.
    names = [name for name in LOCKS["lint"] if name in wanted or name in installed]
    started = time.monotonic()
    print(f"Setting up .venv with Python {sys.version.split()[0]}: {', '.join(names)} ...", file=sys.stderr)
    if not installed:
        venv.EnvBuilder(symlinks=True, clear=True).create(VENV)
    install(names)
    write_path_file()
    write_launcher()
    STAMP.write_text(json.dumps({"place": place, "locks": {name: digest(name) for name in names}}))
    print(f"Set up in {time.monotonic() - started:.0f} s.", file=sys.stderr)


def read_stamp() -> dict[str, Any]:
    try:
        stamp: dict[str, Any] = json.loads(STAMP.read_text())
    except (OSError, ValueError):  # no .venv yet, or a set-up that was interrupted
        stamp = {"place": None, "locks": {}}
    return stamp


def lock(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.lock"


def digest(name: str) -> str:
    return hashlib.sha256(lock(name).read_bytes()).hexdigest()


def install(names: list[str]) -> None:
    """Bring .venv to exactly what the locks say: by hash, and without running any package's build."""
    sync = [find_uv(), "pip", "sync", "--python", str(PYTHON), *ONLY_LOCKED]
    # Compiled now, the first `jisr` starts as quickly as the second.
    must([*sync, "--compile-bytecode", *(str(lock(name)) for name in names)])


def find_uv() -> str:
    """uv from PATH, or else a pinned one inside .venv: even so, three times faster than pip alone."""
    own = VENV / "bin" / "uv"
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    if not own.exists():
        must([*find_pip(), "install", "--quiet", *ONLY_LOCKED, "-r", str(lock("uv"))])
    return str(own)


def find_pip() -> list[str]:
    """A pip that installs into .venv. Debian's python3 may come without ensurepip, or without pip."""
    outer = [sys.executable, "-m", "pip", "--python", str(PYTHON)]  # refused by a pip older than 22.3
    if run([*outer, "--version"]).returncode == 0:
        return outer
    # Not --quiet: ensurepip hands that on to a pip that does not know it.
    if run([str(PYTHON), "-m", "ensurepip", "--default-pip"]).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    raise SetUpStopped(
        f"Set-up stopped: this Python ({sys.executable}) has neither uv nor pip nor ensurepip to install "
        "packages with; install one of them (Debian: `apt-get install python3-venv`), then run the same "
        "command again."
    )


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def must(command: list[str]) -> None:
    done = run(command)
    if done.returncode != 0:
        print("\n".join(done.stdout.splitlines()[-15:]), file=sys.stderr)
        raise SetUpStopped(
            "Set-up stopped: the packages could not be installed, most often because the package index can't "
            "be reached (the installer's own words are above); connect this machine, or name your mirror in "
            "PIP_INDEX_URL and UV_DEFAULT_INDEX, then run the same command again."
        )


def write_path_file() -> None:
    """Jisr runs from its source: the rooms (`domain`, `workflows`, ...) are importable from anywhere."""
    (site_packages,) = VENV.glob("lib/python*/site-packages")
    (site_packages / "jisr.pth").write_text(f"{ROOT}\n")


def compile_own() -> None:
    """Compile what has changed of our own source; where Python may not write byte-code, each start would."""
    rooms = [room.parent for room in ROOT.glob("*/__init__.py")]
    sources = [*ROOT.glob("*.py"), *(file for room in rooms for file in room.rglob("*.py"))]
    newest = str(max(file.stat().st_mtime_ns for file in sources))
    if not COMPILED.exists() or COMPILED.read_text() != newest:
        run([str(PYTHON), "-m", "compileall", "-q", *map(str, [*rooms, *ROOT.glob("*.py")])])
        COMPILED.write_text(newest)


def write_launcher() -> None:
    # By way of sh, as pip's own launchers: a plain `#!` line can hold neither a space nor a long path.
    launcher = VENV / "bin" / "jisr"
    launcher.write_text(
        f"""#!/bin/sh
'''exec' "{PYTHON}" "$0" "$@"
' '''
import sys

from cli.main import main

sys.exit(main())
"""
    )
    launcher.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
