"""`jisr agenda --preview`: the very messages before anything is sent, in each reader's language; nothing is kept."""

from pathlib import Path

import pytest
from life import Life

from tests.cli.conftest import Jisr, record, write_charter

PEOPLE = [
    {"id": "p-01", "name_latin": "Canary One", "languages": ["ar"], "email": "one@canary.example.org"},
    {"id": "p-05", "name_latin": "Canary Five", "languages": ["ckb"], "phone": "+964 770 000 0000"},
]


@pytest.fixture
def charter(tmp_path: Path) -> Path:
    return write_charter(tmp_path, "ini-new", people=PEOPLE, track="1.5", sensitivity="open")


def test_a_charter_that_was_never_opened_shows_its_messages(jisr: Jisr, home: Path, charter: Path) -> None:
    done = jisr("agenda", str(charter), "--preview")

    assert done.code == 0
    assert "Subject: طلب" in done.out
    assert "Content-Language: ar" in done.out
    assert "Nothing was sent" in done.err
    assert "Canary" not in done.out
    assert not home.exists(), "nothing was written anywhere"


def test_as_json_with_the_page_and_what_is_disclosed(jisr: Jisr, charter: Path, tmp_path: Path) -> None:
    channels = tmp_path / "channels.yaml"
    channels.write_text("email: {host: mail.example.org, from: dialogues@example.org}\n")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JISR_CHANNELS", str(channels))
        lines = jisr("agenda", str(charter), "--preview", "--json").json

    [first, *_] = [line for line in lines if line["recipient"] == "p-01"]
    assert (first["language"], first["direction"], first["channel"]) == ("ar", "rtl", "email")
    assert 'dir="rtl"' in first["html"]
    assert first["discloses"]["from"] == "dialogues@example.org"
    assert first["discloses"]["subject"] == first["subject"]
    assert first["discloses"]["preview"]


def test_where_there_is_a_page_to_answer_on_the_link_is_left_open(
    jisr: Jisr, charter: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JISR_ANSWER_URL", "https://answers.example.org/a")

    lines = jisr("agenda", str(charter), "--preview", "--json").json

    assert all("https://answers.example.org/a/..." in line["text"] for line in lines if line["channel"] != "task")
    assert not home.exists()


def test_each_message_becomes_a_file_as_in_the_outbox(jisr: Jisr, charter: Path, tmp_path: Path) -> None:
    out = tmp_path / "preview"
    for _ in range(2):  # again: the same files
        done = jisr("agenda", str(charter), "--preview", "--out", str(out), "--json")

    texts = {line["text"] for line in done.json}
    files = sorted(out.rglob("*.txt"))
    assert len(files) == len(done.json) > 0
    assert {file.read_text(encoding="utf-8").split("\n\n", 1)[1].rstrip("\n") for file in files} == texts
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_e3_34_who_is_only_called_becomes_a_task_for_the_team(jisr: Jisr, tmp_path: Path) -> None:
    roles = {"manager": "p-05", "deputy": "p-02", "director": "p-03", "facilitator": "p-04", "vetting_lead": "p-05"}
    charter = write_charter(tmp_path, "ini-call", people=PEOPLE, roles=roles)

    lines = jisr("agenda", str(charter), "--preview", "--for", "p-05", "--json").json

    assert {line["channel"] for line in lines} == {"task"}


def test_somebody_in_silence_is_not_written_to(jisr: Jisr, home: Path) -> None:
    record(home, Life().report("do_not_contact_asked", person="p-01"))

    done = jisr("agenda", "ini-test", "--preview", "--until", "2026-12-31", "--json")

    silenced = [line for line in done.json if line["recipient"] == "p-01"]
    assert {line["not_sent_because"] for line in silenced} == {"do_not_contact"}
    assert not any("text" in line for line in silenced)


def test_a_folder_without_a_preview_is_refused(jisr: Jisr, charter: Path, tmp_path: Path) -> None:
    done = jisr("agenda", str(charter), "--out", str(tmp_path / "x"))

    assert (done.code, "--preview" in done.err) == (2, True)


def test_a_folder_that_cannot_be_written_is_said(jisr: Jisr, charter: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = jisr("agenda", str(charter), "--preview", "--out", str(tmp_path / "file"))

    assert (done.code, "Name another folder" in done.err) == (2, True)
