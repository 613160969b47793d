"""`jisr people import`: shown row by row, asked about on a terminal, all of it or nothing."""

import os
import pty
import select
import subprocess
from pathlib import Path

import pytest
from openpyxl import Workbook

from storage.database import migrate
from tests.cli.conftest import LAUNCH, NOWHERE, PATIENCE, Jisr, environment

ROOT = Path(__file__).parents[2]
TWO = "id,name_latin,country\np-1,Sara Karim,IQ\n,Ali Reza,IQ\n"


@pytest.fixture
def roster(home: Path) -> None:
    home.mkdir()
    migrate(f"sqlite:///{home / 'jisr.db'}")


@pytest.fixture
def file(tmp_path: Path, roster: None) -> Path:
    made = tmp_path / "people.csv"
    made.write_text(TWO)
    return made


def people(jisr: Jisr) -> list[str]:
    return [one["id"] for one in jisr("people", "list", "--json").json]


def test_a_dry_run_shows_each_row_and_changes_nothing(jisr: Jisr, file: Path) -> None:
    done = jisr("people", "import", str(file), "-n")
    assert done.code == 0
    assert done.out.splitlines() == [
        "row\tstatus\tid\tname\twhat",
        "2\tnew\tp-1\tSara Karim\t",
        "3\tnew\tp-000001\tAli Reza\t",
    ]
    assert "2 rows: 2 new. Nothing was imported." in done.err
    assert people(jisr) == []


def test_an_import_writes_all_and_the_same_again_nothing(jisr: Jisr, file: Path) -> None:
    done = jisr("people", "import", str(file), "--json")
    assert (done.code, done.json["imported"], done.json["counts"]["new"]) == (0, True, 2)
    assert people(jisr) == ["p-000001", "p-1"]
    file.write_text(TWO.splitlines()[0] + "\n" + TWO.splitlines()[1])
    assert jisr("people", "import", str(file), "--json").json["counts"]["unchanged"] == 1


def test_the_list_is_also_read_from_stdin(jisr: Jisr, roster: None) -> None:
    assert jisr("people", "import", "-", input=TWO.encode("utf-16")).code == 0
    assert people(jisr) == ["p-000001", "p-1"]


def test_the_example_can_be_imported(jisr: Jisr, roster: None) -> None:
    example = str(ROOT / "examples" / "people.csv")
    assert jisr("people", "import", example).code == 0
    again = jisr("people", "import", example, "--json").json["counts"]
    assert (again["unchanged"], again["new"], again["duplicate"]) == (6, 0, 0)


def test_error_rows_import_nothing_and_are_all_listed(jisr: Jisr, file: Path) -> None:
    file.write_text(TWO + "p-3,Omar Aziz,Atlantis\np-4,Huda Aziz,Utopia\n")
    done = jisr("people", "import", str(file))
    assert done.code == 2
    assert "Row 4: country:" in done.err
    assert "Row 5: country:" in done.err
    assert "Atlantis" not in done.err
    assert people(jisr) == []


def test_a_likely_duplicate_is_refused_with_what_to_type(jisr: Jisr, file: Path) -> None:
    jisr("people", "add", "p-9", "--name", "Sarah Kareem")
    done = jisr("people", "import", str(file))
    assert done.code == 2
    assert "Row 2 may be p-9: the names sound alike. Say --same 2=p-9 or --new 2." in done.err
    assert people(jisr) == ["p-9"]
    assert jisr("people", "import", str(file), "--new", "2").code == 0
    assert people(jisr) == ["p-000001", "p-1", "p-9"]


def test_writing_over_somebody_needs_yes(jisr: Jisr, file: Path) -> None:
    jisr("people", "add", "p-1", "--name", "Sara Karim", "--country", "TR")
    done = jisr("people", "import", str(file))
    assert (done.code, people(jisr)) == (2, ["p-1"])
    assert "--yes" in done.err
    assert jisr("people", "import", str(file), "--yes").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--same", "2"), "ROW=ID"),
        (("--same", "x=p-1"), "ROW=ID"),
        (("--same", "2=p-1", "--same", "2=p-2"), "twice"),
        (("--same", "2=p-7"), "nobody on the roster"),
        (("--new", "two"), "--new"),
        (("--sheet", "People"), "no sheets"),
    ],
)
def test_options_that_make_no_sense_are_said(jisr: Jisr, file: Path, arguments: tuple[str, ...], says: str) -> None:
    done = jisr("people", "import", str(file), *arguments)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err


def test_a_file_that_is_not_there_or_no_table(jisr: Jisr, file: Path, tmp_path: Path) -> None:
    assert "cannot be read" in jisr("people", "import", str(tmp_path / "none.csv")).err
    file.write_bytes(b"\xd0\xcf\x11\xe0")
    done = jisr("people", "import", str(file))
    assert (done.code, "Save it as .xlsx" in done.err) == (2, True)


def test_what_begins_like_a_formula_is_escaped_where_it_is_written_back(jisr: Jisr, file: Path) -> None:
    file.write_text("id,name_latin\np-1,=1+1\n")
    assert "\t'=1+1\t" in jisr("people", "import", str(file)).out


def test_a_workbook_is_imported_with_the_sheet_that_is_named(jisr: Jisr, roster: None, tmp_path: Path) -> None:
    book = Workbook()
    second = book.create_sheet("Partners")
    for row in (("id", "name"), ("p-7", "سارا كريم")):
        second.append(row)
    book.save(tmp_path / "people.xlsx")
    done = jisr("people", "import", str(tmp_path / "people.xlsx"), "--sheet", "Partners")
    assert (done.code, people(jisr)) == (0, ["p-7"])


def on_a_terminal(home: Path, *arguments: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run one command on a terminal of its own; type each answer once its question stands there."""
    terminal, side = pty.openpty()
    child = subprocess.Popen(
        [*LAUNCH, *arguments],
        env=environment(home, TEMPORAL_ADDRESS=NOWHERE, COLUMNS="200"),
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
    )
    os.close(side)
    said, waiting, seen = b"", list(answers), 0
    while True:
        assert select.select([terminal], [], [], PATIENCE)[0], said.decode()
        try:
            some = os.read(terminal, 65536)
        except OSError:  # the terminal closes with the command
            some = b""
        if not some:
            break
        said += some
        if waiting and waiting[0][0].encode() in said[seen:]:
            seen = len(said)
            os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
    code = child.wait(PATIENCE)
    os.close(terminal)
    assert not waiting, said.decode()
    return code, said.decode()


def test_on_a_terminal_likely_duplicates_and_changes_are_asked_about(jisr: Jisr, home: Path, file: Path) -> None:
    jisr("people", "add", "p-9", "--name", "Alireza", "--country", "TR")
    answers = [("[n]ew", "1"), ("Write over 1 people?", "y")]
    code, said = on_a_terminal(home, "people", "import", str(file), answers=answers)
    assert code == 0, said
    assert "p-9  Alireza: the names are the same" in said
    assert people(jisr) == ["p-1", "p-9"]
    assert jisr("people", "show", "p-9", "--json").json["person"]["name_latin"] == "Ali Reza"


def test_a_question_that_is_skipped_imports_nothing(jisr: Jisr, home: Path, file: Path) -> None:
    jisr("people", "add", "p-9", "--name", "Alireza")
    code, said = on_a_terminal(home, "people", "import", str(file), answers=[("[n]ew", "")])
    assert (code, people(jisr)) == (2, ["p-9"])
    assert "--same 3=p-9" in said
