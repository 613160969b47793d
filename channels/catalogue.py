"""The sentences of one language, from `locale/<language>/messages.po`: read once, compiled in memory."""

from collections.abc import Iterator
from functools import lru_cache
from gettext import c2py
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from channels.bidi import RTL, isolate
from channels.message import Direction

FOLDER = Path(__file__).resolve().parent.parent / "locale"
LANGUAGES = {"en": "en_GB", "ar": "ar_IQ", "ckb": "ckb_IQ"}  # what we write, and whose names of days and months


class Words:
    """One language. Call it with the id of a sentence and what to put into it."""

    def __init__(self, language: str, catalog: Catalog) -> None:
        self.language = language
        self.locale = Locale.parse(LANGUAGES[language])
        self.direction: Direction = "rtl" if self.locale.text_direction == "rtl" else "ltr"
        self._plural = c2py(catalog.plural_expr)
        self._one = {str(m.id): str(m.string) for m in catalog if m.id and isinstance(m.string, str) and m.string}
        self._many = {m.id[0]: m.string for m in catalog if isinstance(m.id, tuple) and isinstance(m.string, tuple)}

    def __call__(self, id: str, /, **given: str) -> str:
        return self._one[id].format(**given)

    def apart(self, text: str) -> str:
        """Return an id or number so that right-to-left words around it can't reorder it."""
        return isolate(text) if self.direction == "rtl" else text

    def run(self, text: str) -> str:
        """Return a run of this language's own words and digits (a date) as one."""
        return isolate(text, RTL) if self.direction == "rtl" else text

    def knows(self, id: str) -> bool:
        return id in self._one

    def count(self, id: str, number: int) -> str:
        """Return the sentence in the plural form this language has for the number."""
        return str(self._many[id][self._plural(number)]).format(n=self.apart(str(number)))

    @property
    def sentences(self) -> Iterator[str]:
        """Yield every sentence in every form."""
        yield from self._one.values()
        for forms in self._many.values():
            yield from map(str, forms)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset((*self._one, *self._many))


@lru_cache(maxsize=2 * len(LANGUAGES))
def words(language: str, book: str = "messages") -> Words:
    """Return the sentences of a language we write: of messages, or of the timeline."""
    with (FOLDER / language / f"{book}.po").open("rb") as file:
        return Words(language, read_po(file, locale=LANGUAGES[language]))
