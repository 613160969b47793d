"""The small types everything else is written in: frozen values, ids, references to free text."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints, WithJsonSchema

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
INITIATIVE_PATTERN = r"^[a-z0-9][a-z0-9-]{2,47}$"
ACTOR_PATTERN = r"^[a-z][a-z0-9_]{1,19}:[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"
KEY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$"
TEXT_PATTERN = r"^text:[0-9a-f]{32}$"
TEXT_MAX = 20_000  # characters a person may write in one field; longer belongs in a document


class Value(BaseModel):
    """A frozen value; a change is a new one. Unknown fields are ignored so that old state stays readable."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    def but(self, **changes: Any) -> Self:
        """Return the same value with these fields changed (not validated again: callers pass valid values)."""
        # As `model_copy` does, in a fifth of the time; and all copies share the one note of which fields were given.
        made = object.__new__(type(self))
        object.__setattr__(made, "__dict__", self.__dict__ | changes)
        object.__setattr__(made, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        object.__setattr__(made, "__pydantic_extra__", None)
        object.__setattr__(made, "__pydantic_private__", None)
        return made


class Given(Value):
    """A value that people write: an unknown field is a mistake of the writer, so it is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _commas(given: Any) -> Any:
    """Take `a,b` from a command line for a list of ids."""
    if isinstance(given, str):
        return tuple(part.strip() for part in given.split(",") if part.strip())
    return given


def _distinct(given: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(given)) != len(given):
        raise ValueError("the same id stands there twice")
    return given


def _aware(given: datetime) -> datetime:
    if given.tzinfo is None:
        raise ValueError("give a zone, for example 2026-03-01T10:00+03:00")
    return given


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
InitiativeId = Annotated[str, StringConstraints(pattern=INITIATIVE_PATTERN)]
Actor = Annotated[str, StringConstraints(pattern=ACTOR_PATTERN)]
Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_commas), AfterValidator(_distinct)]
Moment = Annotated[datetime, AfterValidator(_aware)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$")]
Commas = BeforeValidator(_commas)  # for a list of vocabulary words: `participate,store` from a command line

FREE_TEXT_SCHEMA = {"type": "string", "maxLength": TEXT_MAX, "x-free-text": True}
# What a person writes is stored in the database first; only this reference travels (claim check).
Text = Annotated[str, StringConstraints(pattern=TEXT_PATTERN), WithJsonSchema(FREE_TEXT_SCHEMA)]


def is_free_text(parts: Iterable[Any]) -> bool:
    """Return whether a field's annotation, or anything in it, is a `Text`; a hundred times sooner than its schema."""
    return any(
        (isinstance(one, WithJsonSchema) and one.json_schema is FREE_TEXT_SCHEMA) or is_free_text(get_args(one))
        for one in parts
    )


def snake(name: str) -> str:
    """Return `partner_signed` for `PartnerSigned`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
