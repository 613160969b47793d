"""The channel file: nothing leaves the machine without one, and a mistake in it is one sentence."""

from datetime import timedelta
from pathlib import Path

import pytest

from channels.config import ChannelFileWrong, limits_of, open_channels
from channels.rate import Limit


def write(folder: Path, text: str) -> Path:
    file = folder / "channels.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_there_is_only_the_outbox(tmp_path: Path) -> None:
    assert list(open_channels(None, tmp_path)) == ["outbox"]
    assert list(open_channels(write(tmp_path, ""), tmp_path)) == ["outbox"]


def test_a_file_opens_what_it_names_and_reads_secrets_where_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    monkeypatch.setenv("OPS_URL", "json://127.0.0.1:1/")
    file = write(
        tmp_path,
        f"""
        email: {{host: localhost, from: us@example.org, username: us, password: {{file: {tmp_path}/secret}}}}
        apprise: {{ops: {{env: OPS_URL}}}}
        """,
    )
    channels = open_channels(file, tmp_path)
    assert {name: one.repeatable for name, one in channels.items()} == {
        "outbox": True,
        "email": False,
        "apprise": False,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("email: {from: us@example.org}", "`email.host` is missing; write `email: {host:"),
        ("email: {host: h, from: nobody}", "entry `email.from`: "),
        (
            "email: {host: h, from: a@b, colour: red}",
            "`email.colour` is not known; write one of ca_file, domain, from, host",
        ),
        ("mail: {}", "`mail` is not known; write one of apprise, email"),
        (
            "email: {host: h, from: a@b, ca_file: /no/where.pem}",
            "entry `email.ca_file`: write certificates in PEM form",
        ),
        ("email: {host: h, port: 70000, from: a@b}", "entry `email.port`: "),
        ("email: {host: h, from: a@b, username: u}", "write both username and password"),
        (
            "email: {host: h, from: a@b, username: u, password: hunter2}",
            "write {file: /run/secrets/name} or {env: NAME}",
        ),
        (
            "email: {host: h, from: a@b, username: u, password: {env: X}, starttls: false}",
            "a password needs a closed line",
        ),
        (
            "email: {host: h, from: a@b, username: u, password: {env: JISR_NONE}}",
            "set the environment variable JISR_NONE",
        ),
        ("email: {host: h, from: a@b, username: u, password: {file: /no/where}}", "write the secret into /no/where"),
        ("apprise: {ops: 'tgram://hunter2/1'}", "entry `apprise.ops`: write {file: /run/secrets/name}"),
        ("rate: {email: often}", "entry `rate.email`: write a number of messages per min or hour, such as 30/min"),
        ("rate: {email: '30/min, 40/min'}", "entry `rate.email`: write a number"),
        ("rate: {email: 30}", "entry `rate.email`: write a number"),
        ("rate: {pigeon: 1/min}", "entry `rate.pigeon"),
        ("[1, 2]", "entry `the whole file`"),
        ("email: [", "is no YAML; write `email: "),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_file_the_entry_and_what_to_write(
    tmp_path: Path, text: str, says: str
) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ChannelFileWrong) as caught:
        open_channels(file, tmp_path)
    sentence = str(caught.value)
    assert says in sentence
    assert str(file) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hunter2" not in sentence


def test_limits_are_read_a_minute_and_an_hour_and_there_are_none_without_a_word(tmp_path: Path) -> None:
    file = write(tmp_path, "rate: {email: '30/min, 500/hour', apprise: 1 / hour}")
    an_hour = timedelta(hours=1)
    assert limits_of(file) == {
        "email": (Limit(30, timedelta(minutes=1)), Limit(500, an_hour)),
        "apprise": (Limit(1, an_hour),),
    }
    assert limits_of(None) == limits_of(write(tmp_path, "")) == {}


def test_a_file_that_is_not_there_is_one_sentence_too(tmp_path: Path) -> None:
    with pytest.raises(ChannelFileWrong, match="correct JISR_CHANNELS"):
        open_channels(tmp_path / "none.yaml", tmp_path)
