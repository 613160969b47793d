"""Configuration and logs. Everything comes from the environment, `JISR_*` and Temporal's own names."""

import logging
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS = Path("/run/secrets")  # where a container finds its secrets as files


class Settings(BaseSettings):
    """Where this installation keeps its state and how it reaches its engine.

    `JISR_HOME` holds the database, the outbox, Temporal's file and the keys, unless another place is named.
    """

    model_config = SettingsConfigDict(env_prefix="JISR_", secrets_dir=SECRETS if SECRETS.is_dir() else None)

    home: Path = Field(default=Path(".jisr"), description="folder of all state on this machine")
    database_url: SecretStr | None = Field(default=None, description="SQLAlchemy URL; default SQLite under home")
    channels: Path | None = Field(default=None, description="channel file; default the outbox folder under home")
    calendar: Path | None = Field(default=None, description="overlay of holidays and quiet periods (YAML)")
    keys: Path | None = Field(default=None, description="key file; made on first start under home, mode 600")
    payload_encryption: Literal["off", "read", "on"] = Field(
        default="off",
        description="whether what the engine keeps is encrypted; read: only reads it, for the way there and back",
    )
    checkpoints: Path | None = Field(default=None, description="folder for signed checkpoints; default under home")
    answer_url: str | None = Field(
        default=None,
        pattern=r"^https?://[!-~]+$",
        description="where the page to answer on is; without it messages carry no link to answer",
    )
    deployment: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$",
        description="Worker Deployment that workers are releases of, one of them current; for several workers",
    )
    digests: bool = Field(default=True, description="several requests to one person at one time in one message")
    token: SecretStr | None = Field(
        default=None, description="what a script signs in with, instead of `jisr sign-in` (`jisr tokens issue`)"
    )
    actor: str = Field(default="manager:local", description="who reports, when a command names nobody")
    log_level: str = Field(default="WARNING", description="DEBUG, INFO, WARNING or ERROR")
    temporal_timeout: float = Field(default=10.0, gt=0, description="seconds a command waits for the engine")

    @property
    def database(self) -> str:
        """Return the database's URL; the SQLite file is made under home."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.resolve() / 'jisr.db'}"

    def given_token(self) -> str | None:
        """Return the token that was given, without spaces around it."""
        return self.token.get_secret_value().strip() or None if self.token is not None else None

    @property
    def outbox(self) -> Path:
        return self.home / "outbox"

    def key_file(self) -> Path:
        return self.keys or self.home / "keys.json"

    def signing_key_file(self) -> Path:
        """Return the key that signs checkpoints and exports; it lies beside the key file."""
        return self.key_file().with_name("signing.pem")

    def checkpoint_folder(self) -> Path:
        return self.checkpoints or self.home / "checkpoints"


def configure_logs(level: str = "WARNING", to: Any = None) -> None:
    """Send logs to stderr as JSON lines with ids only; other libraries' loggers come the same way.

    Apprise and SQLAlchemy write addresses and values into their logs, so they stay silent.
    """
    import structlog  # noqa: PLC0415  slow to import, and only long processes log

    stream = to or sys.stderr
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=level.upper(), stream=stream, format="%(levelname)s %(name)s %(message)s", force=True)
    for noisy in ("apprise", "sqlalchemy", "alembic"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
