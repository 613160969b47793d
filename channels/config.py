"""The channel file: how messages leave this machine. Without one there is only the outbox.

email:
  host: mail.example.org
  port: 587
  from: dialogues@example.org
  username: dialogues                    # password in a file or an environment variable, never here
  password: {file: /run/secrets/smtp}    # or {env: SMTP_PASSWORD}
  ca_file: /etc/jisr/mail-ca.pem         # only for a server whose certificate this machine's authorities did not sign
apprise:
  ops: {env: OPS_URL}                    # a whole Apprise URL; a contact's address is `ops://`
  sms: {file: /run/secrets/sms_url}      # with {address} in the URL a contact's address is `sms://+9647...`
rate:
  email: 30/min, 500/hour                # at most so many, all workers together; what is more waits
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from channels.message import Channel
from channels.outbox import OutboxChannel
from channels.rate import Limit, read_limits

LOOPBACK = ("localhost", "127.0.0.1", "::1")
EXAMPLE = {
    "email": "{host: mail.example.org, port: 587, from: dialogues@example.org}",
    "apprise": "{ops: {env: OPS_URL}}",
    "rate": "{email: 30/min}",
}
REFERENCE = "{file: /run/secrets/name} or {env: NAME}"


class ChannelFileWrong(ValueError):
    """The channel file can't be used. One sentence: the file, the entry, what to write."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Secret(_Entry):
    """Where a secret stands; the channel file itself holds none."""

    file: Path | None = None
    env: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _referred(cls, given: Any) -> Any:
        """Refuse a secret written out; its text is not repeated in the error."""
        if not isinstance(given, dict) or len(given) != 1:
            raise ValueError(f"write {REFERENCE}")
        return given

    def read(self) -> str:
        """Return the secret. Raises: ValueError."""
        if self.env is not None:
            if not os.environ.get(self.env):
                raise ValueError(f"set the environment variable {self.env}")
            return os.environ[self.env]
        try:
            found = Path(self.file or "").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            found = ""
        if not found:
            raise ValueError(f"write the secret into {self.file}, readable for us")
        return found


class Email(_Entry):
    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    sender: str = Field(alias="from", pattern=r"^[^@\s]+@[^@\s]+$")
    reply_to: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$")
    starttls: bool = True
    tls: bool = False
    username: str | None = None
    password: Secret | None = None
    domain: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.-]+$")
    ca_file: Path | None = None
    seconds: float = Field(default=30.0, gt=0, le=50)  # below the patience of the engine with one message

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError(f"write both username and password ({REFERENCE}), or neither")
        if self.username and not (self.tls or self.starttls) and self.host not in LOOPBACK:
            raise ValueError("a password needs a closed line: write starttls: true, or tls: true")
        return self


class ChannelFile(_Entry):
    email: Email | None = None
    apprise: dict[str, Secret] = Field(default_factory=dict)
    rate: dict[Literal["email", "apprise"], Annotated[tuple[Limit, ...], BeforeValidator(read_limits)]] = Field(
        default_factory=dict
    )


def open_channels(file: Path | None, outbox: Path) -> dict[str, Channel]:
    """Return the channels there are, by name; the outbox always. Raises: ChannelFileWrong."""
    channels: dict[str, Channel] = {"outbox": OutboxChannel(outbox)}
    if file is None:
        return channels
    given = read_channel_file(file)
    if given.email is not None:
        channels["email"] = _email(file, given.email)
    if given.apprise:
        from channels.chat import AppriseChannel  # noqa: PLC0415  loading its plugins takes a second and 58 MB

        urls = {name: _read(file, f"apprise.{name}", secret) for name, secret in given.apprise.items()}
        channels["apprise"] = AppriseChannel(urls)
    return channels


def limits_of(file: Path | None) -> Mapping[str, tuple[Limit, ...]]:
    """Return how much each channel may send; a channel without a limit is not there. Raises: ChannelFileWrong."""
    return {} if file is None else {str(name): of for name, of in read_channel_file(file).rate.items()}


def read_channel_file(file: Path) -> ChannelFile:
    """Return what the file says; secrets are not read yet. Raises: ChannelFileWrong."""
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise ChannelFileWrong(f"The channel file {file} can't be read ({why}); correct JISR_CHANNELS.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: not UTF-8, a day that is none
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise ChannelFileWrong(
            f"The channel file {file}{where} is no YAML; write `email: {EXAMPLE['email']}`."
        ) from None
    try:
        return ChannelFile.model_validate({} if given is None else given)
    except ValidationError as error:
        raise ChannelFileWrong(_sentence(file, given, error)) from None


def _sentence(file: Path, given: Any, error: ValidationError) -> str:
    """Say the first thing that is wrong, without repeating what was written: it may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the whole file"
    match first["type"]:
        case "extra_forbidden":
            known = ", ".join(_known(first["loc"]))
            return f"The channel file {file}: `{where}` is not known; write one of {known}."
        case "missing":
            return (
                f"The channel file {file}: `{where}` is missing; write `{first['loc'][0]}: {_example(first['loc'])}`."
            )
    why = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    if not isinstance(given, dict):
        return (
            f"The channel file {file}, entry `{where}`: these are no named entries; write `email: {EXAMPLE['email']}`."
        )
    shown = f"; write `{first['loc'][0]}: {_example(first['loc'])}`" if first["type"] != "value_error" else ""
    return f"The channel file {file}, entry `{where}`: {why[:1].lower()}{why[1:]}{shown}."


def _known(loc: tuple[int | str, ...]) -> list[str]:
    inside: Mapping[str, Any] = Email.model_fields if loc[0] == "email" and len(loc) > 1 else ChannelFile.model_fields
    return sorted(field.alias or name for name, field in inside.items())


def _example(loc: tuple[int | str, ...]) -> str:
    return EXAMPLE.get(str(loc[0]), "...")


def _read(file: Path, entry: str, secret: Secret) -> str:
    try:
        return secret.read()
    except ValueError as error:
        raise ChannelFileWrong(f"The channel file {file}, entry `{entry}`: {error}.") from None


def _authorities(file: Path, ca_file: Path | None) -> Path | None:
    """Return the file of who vouches for the server. Raises: ChannelFileWrong."""
    if ca_file is None:
        return None
    try:
        ssl.create_default_context(cafile=ca_file)
    except OSError:  # not there, not readable, or no certificates in it
        raise ChannelFileWrong(
            f"The channel file {file}, entry `email.ca_file`: write certificates in PEM form into {ca_file}, "
            "readable for us."
        ) from None
    return ca_file


def _email(file: Path, given: Email) -> Channel:
    from channels.email import EmailChannel, Server  # noqa: PLC0415  only who sends email needs it

    return EmailChannel(
        Server(
            host=given.host,
            port=given.port,
            sender=given.sender,
            reply_to=given.reply_to,
            starttls=given.starttls and not given.tls,
            tls=given.tls,
            username=given.username,
            password=_read(file, "email.password", given.password) if given.password else None,
            domain=given.domain,
            ca_file=_authorities(file, given.ca_file),
            seconds=given.seconds,
        )
    )
