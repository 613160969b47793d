"""The house keeps its own rules: one direction of imports, one list of packages, no other `workflows` in the way."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import workflows
from domain.rules import RULES

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# What each single file at the top may import of our own; the rooms are import-linter's business.
ROOMS = {"domain", "storage", "channels", "activities", "workflows", "rehearsal", "cli"}
FILES = {"answer_desk", "client", "desk", "engine_record", "errors", "settings", "verify_export", "worker"}
MAY = {
    "errors.py": set(),
    "settings.py": set(),
    "verify_export.py": set(),
    "desk.py": {"domain", "storage", "channels", "errors", "settings"},
    "answer_desk.py": {"domain", "storage", "channels", "errors", "settings", "desk"},
    "engine_record.py": {"domain", "activities"},
    "client.py": {"domain", "storage", "workflows", "errors", "settings", "desk", "answer_desk", "engine_record"},
    "worker.py": {"domain", "storage", "channels", "activities", "workflows", "client", "errors", "settings"},
}


def imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("file", sorted(MAY))
def test_the_single_files_import_downwards_only(file: str) -> None:
    assert imported(ROOT / file) & (ROOMS | FILES) <= MAY[file]


def test_every_single_file_is_named_here() -> None:
    single = {path.name for path in ROOT.glob("*.py")} - {"bootstrap.py"}

    assert single == set(MAY)


def test_the_packages_of_the_project_are_the_packages_of_its_lock() -> None:
    wanted = {
        line.split("#")[0].strip() for line in (ROOT / "requirements/run.in").read_text(encoding="utf-8").splitlines()
    } - {""}

    assert set(PROJECT["project"]["dependencies"]) == wanted


def test_no_other_package_named_workflows_is_in_the_way() -> None:
    assert Path(workflows.__file__ or "").is_relative_to(ROOT)


def test_no_committed_file_names_an_address_of_a_registry() -> None:
    for file in [*ROOT.glob("requirements/*"), ROOT / "pyproject.toml", ROOT / "bootstrap.py", ROOT / "Makefile"]:
        assert not re.search(r"https?://", file.read_text(encoding="utf-8")), file


def test_what_the_compose_file_refers_to_is_there() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]

    for name, service in services.items():
        for other in service.get("depends_on", {}):
            assert other in services, f"{name} depends on {other}"
        for secret in service.get("secrets", []):
            assert (secret if isinstance(secret, str) else secret["source"]) in compose["secrets"], name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
            assert source.startswith((".", "/")) is False or (ROOT / source).exists(), f"{name} mounts {source}"


def test_every_rule_is_named_by_a_test() -> None:
    """A rule that nobody tests is a sentence in a book."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    sources += (ROOT / "examples" / "clear_channels" / "expect.yaml").read_text(encoding="utf-8")
    assert [id for id in RULES if id not in sources] == []
