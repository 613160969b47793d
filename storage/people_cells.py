"""What the cells of a list of people say.

What could be read in two ways is not guessed: an error says what to write.
Errors never repeat what stands there, because it may be a name or an address.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, NamedTuple, TypeVar

from babel import Locale
from openpyxl.utils.datetime import from_excel

from domain.names import DIGITS, folded
from domain.vocabulary import Capacity, Category, ConsentScope
from storage.grid import Cell
from storage.people_words import CAPACITY_WORDS, CATEGORY_WORDS, CONSENT_WORDS, COUNTRY_WORDS, LANGUAGE_WORDS, MONTHS

SEVERAL = re.compile(r"[,;/،؛\n|+&]")
DIRECTION = "\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad"
MARKS = re.compile(f"[{DIRECTION}]")
INVISIBLE = re.compile(f"[{DIRECTION}\u200b-\u200d]")
DAYS = ("since", "evidence_on", "consent_on", "opened_on", "closed_on")
T = TypeVar("T", bound=StrEnum)


class Unclear(ValueError):
    """What a cell says cannot be taken; what to write instead."""


class Wish(NamedTuple):
    """How somebody wants to be reached."""

    first: str | None = None  # the kind of channel that is tried first
    never_write: bool = False
    partner: str | None = None  # who speaks to them


class Ways(NamedTuple):
    """The addresses of a row and the wish that goes with them."""

    emails: tuple[str, ...]
    phones: tuple[str, ...]
    wish: Wish | None


class CellReader:
    """Reads cells of one sheet: what a bare number or 01/02/2026 means depends on the others."""

    notes: list[str]  # of the row that is read

    def __init__(self, day_zero: datetime, day_first: bool | None) -> None:
        self._day_zero = day_zero
        self._day_first = day_first
        self._reads: dict[str, Callable[[str], Any]] = {
            "id": self._id,
            "languages": lambda said: each_word(said, LANGUAGE_WORDS.get, _code, "write codes such as ckb,ar,en"),
            "zone": str,
            "country": country_code,
            "organisation": str,
            "category": lambda said: one_word(said, Category, CATEGORY_WORDS),
            "capacity": lambda said: one_word(said, Capacity, CAPACITY_WORDS),
            "email": _emails,
            "phone": self._phones,
            "contact": _wish,
            "consents": lambda said: each_word(
                said, CONSENT_WORDS.get, _scope, f"choose among {', '.join(ConsentScope)}"
            ),
        }

    def read(self, name: str, cell: Cell) -> Any:
        """Return what a cell says. Raises: Unclear."""
        if name in DAYS:
            return self._date(cell)
        if isinstance(cell, date | bool):
            raise Unclear("holds a date or a yes/no, not words; write it again as text")
        if isinstance(cell, int | float) and name == "phone":
            self.notes.append("the phone was kept as a number: a leading 0 or + may be lost")
        # Names keep ZWNJ and ZWJ, which Persian and Kurdish spell with.
        unseen = MARKS if name.startswith("name") else INVISIBLE
        words = re.sub(r"\s+", " ", unseen.sub("", str(cell))).strip()
        if words.startswith(("=", "+", "-", "@")) and name.startswith("name"):
            self.notes.append(f"{name} begins with {words[0]} and was taken as text")
        return self._reads.get(name, str)(words)

    def _id(self, said: str) -> str:
        return said.translate(DIGITS)

    def _phones(self, said: str) -> list[str]:
        numbers = []
        for one in re.split(r"[,;/،؛\n|]| or | او | یان ", said):
            number = re.sub(r"^(tel|phone|mob|هاتف)[.: ]*", "", one.translate(DIGITS).strip(), flags=re.IGNORECASE)
            if re.fullmatch(r"[\d.]+[eE]\+?\d+", number):
                raise Unclear("the spreadsheet shortened the number (such as 9.647E+12); format the column as text")
            if number.startswith("00"):
                number = f"+{number[2:]}"
            if number.endswith("+") and not number.startswith("+"):
                number = f"+{number[:-1].strip()}"  # typed from right to left
            if number:
                numbers.append(number)
        return numbers

    def _date(self, cell: Cell) -> date:
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return _plausible(cell)
        if isinstance(cell, bool):
            raise Unclear("is no date; write it like 2026-03-01")
        words = INVISIBLE.sub("", str(cell)).translate(DIGITS).strip()
        if re.fullmatch(r"[2-6]\d{4}", words):
            self.notes.append("a date was kept as a number of days, as spreadsheets do")
            made = from_excel(int(words), self._day_zero)
            return _plausible(made.date() if isinstance(made, datetime) else made)
        return _plausible(_date_of(words, self._day_first))


DAY_PARTS = re.compile(r"(\d{1,2})\s*([./\-])\s*(\d{1,2})\s*\2\s*(\d{4})(?:[ T].*)?")
_ISO = re.compile(r"(\d{4})\s*[./\-]\s*(\d{1,2})\s*[./\-]\s*(\d{1,2})(?:[ T].*)?")
_SECOND_WORDS = {folded(word) for word in ("الثاني", "الأول", "دووەم", "یەکەم")}


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for number, names in enumerate(MONTHS.split("|"), start=1):
        words = folded(names).split()
        for at, word in enumerate(words):
            if word in _SECOND_WORDS:
                found[f"{words[at - 1]} {word}"] = number
            elif words[at + 1 : at + 2] == [] or words[at + 1] not in _SECOND_WORDS:
                found[word] = number
    return found


def _date_of(words: str, day_first: bool | None) -> date:
    if found := _ISO.fullmatch(words):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := DAY_PARTS.fullmatch(words):
        one, two, year = int(found[1]), int(found[3]), int(found[4])
        if one > 12 or one == two or found[2] == ".":
            return _day(year, two, one)
        if two > 12:
            return _day(year, one, two)
        if day_first is None:
            raise Unclear("could be day/month or month/day; write it like 2026-03-01")
        return _day(year, two, one) if day_first else _day(year, one, two)
    parts = folded(words).split()
    numbers = [int(part) for part in parts if part.isdecimal()]
    month = _months().get(" ".join(part for part in parts if not part.isdecimal()))
    if month is not None and len(numbers) == 2 and max(numbers) > 31:
        return _day(max(numbers), month, min(numbers))
    raise Unclear("is no day that can be read; write it like 2026-03-01")


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unclear("is no day of the calendar; write it like 2026-03-01") from None


def _plausible(day: date) -> date:
    if not 1900 <= day.year <= 2100:
        raise Unclear("is not between 1900 and 2100 (a Hijri or Persian year?); write it like 2026-03-01")
    return day


def _emails(said: str) -> list[str]:
    found = re.split(r"[,;،؛\n\s|]+", re.sub(r"(?i)mailto:|[<>]", " ", said))
    return [one.strip(".'\"") for one in found if one.strip(".'\"")]


def each_word(
    said: str, known: Callable[[str], str | None], code: Callable[[str], str | None], write: str
) -> list[str]:
    """Return each of several words. Raises: Unclear."""
    found: dict[str, None] = {}
    for one in (part.strip() for part in SEVERAL.split(re.sub(r" and | و ", ",", said))):
        if one:
            made = known(folded(one)) or code(one)
            if made is None:
                raise Unclear(f"has a word that is not known; {write}")
            found[made] = None
    return list(found)


def _code(said: str) -> str | None:
    return said.lower() if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", said) else None


def _scope(said: str) -> str | None:
    wanted = said.lower().replace(" ", "_")
    return wanted if wanted in set(ConsentScope) else None


def one_word(said: str, words: type[T], known: Mapping[str, str]) -> str:
    wanted = said.lower().replace(" ", "_").replace("-", "_")
    found = wanted if wanted in set(words) else known.get(folded(said))
    if found is None:
        raise Unclear(f"is not known; choose one of {', '.join(words)}")
    return found


# --- how to reach them -----------------------------------------------------------------------------------------------

_VIA = frozenset(
    map(
        folded,
        (
            "via",
            "partner",
            "through",
            "ask",
            "شريك",
            "الشريك",
            "عبر",
            "بواسطة",
            "هاوبەش",
            "هاوبەشی",
            "لەڕێی",
            "لەڕێگەی",
        ),
    )
)
_NO_PARTNER = frozenset(("a", "an", "the", "our", "their", "his", "her", "to", "partner", "phone", "call", "speak"))
_NEVER = re.compile(r"never|do not write|don.t write|no writing|لا تكتب|لا يراسل|عدم المراسله|مهنووسه|نهنووسرێت")
_PHONE_WORDS = ("phone", "call", "هاتف", "اتصال", "تهلهفون", "مبايل")
_PARTNER = re.compile(
    r"(?:partner|via|through|ask|شريك|الشريك|عبر|هاوبه\w*)\W+(?:the )?(?:partner\W+)?([A-Za-z0-9][A-Za-z0-9._-]{0,39})"
)


def _wish(said: str) -> Wish:
    """Read how somebody wants to be reached, for example `never write; ask partner P-2 to phone`."""
    plain = said.translate(DIGITS)
    words = re.sub("ە", "ه", plain.lower())
    tidy = folded(plain)
    never = _NEVER.search(words) is not None or "phone only" in tidy or "هاتف فقط" in tidy
    if _VIA & set(tidy.split()):
        partner = _PARTNER.search(re.sub("ە", "ه", plain).replace("Partner", "partner").replace("Ask", "ask"))
        if partner is None or partner[1].lower() in _NO_PARTNER:
            raise Unclear("name the partner's id, for example: never write; ask partner P-2 to phone")
        return Wish(never_write=True, partner=partner[1].rstrip("._-"))
    if never:
        return Wish(first="phone", never_write=True)
    if any(word in tidy for word in ("email", "e mail", "mail", "بريد", "ايميل", "ئيمهيل")):
        return Wish(first="email")
    if any(word in tidy for word in _PHONE_WORDS):
        return Wish(first="phone")
    raise Unclear("is not known; write email, phone, never write, or: never write; ask partner P-2 to phone")


# --- places --------------------------------------------------------------------------------------------------------


@cache
def _country_words() -> dict[str, str]:
    """Return the names of countries in the languages people here write, and what they call some of them."""
    found: dict[str, str] = {}
    for language in ("en", "ar", "ckb", "tr", "fa"):
        for code, name in Locale(language).territories.items():
            if re.fullmatch("[A-Z]{2}", code):
                found.setdefault(folded(name), code)
    return found | COUNTRY_WORDS


def country_code(said: str) -> str:
    code = said.upper().replace("_", "-")
    if re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,4})?", code) and folded(said) != "uk":
        return code
    found = _country_words().get(folded(said))
    if found is None:
        raise Unclear("is no country that is known; write its ISO code, such as IQ or IQ-KR")
    return found


def several_countries(said: str) -> list[str]:
    """Return the codes of several countries, each once. Raises: Unclear."""
    parts = [part.strip() for part in SEVERAL.split(re.sub(r" and | و ", ",", said))]
    return list(dict.fromkeys(country_code(part) for part in parts if part))


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """Return the time zones of a country; those that agree since 1970 count as one."""
    folder = resources.files("tzdata") / "zoneinfo"
    found: tuple[str, ...] = ()
    for file in ("zone.tab", "zone1970.tab"):
        listed = (folder / file).read_text(encoding="utf-8").splitlines()
        found = tuple(row.split("\t")[2] for row in listed if row.startswith(country[:2])) or found
        if len(found) == 1:
            break
    return found
