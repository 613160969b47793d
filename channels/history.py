"""One entry of the record as a plain sentence: who, what, when, why, before and after; in each language we write.

The words of a kind are its docstring in English and stand in `locale/<language>/timeline.po` otherwise. Ids, dates and
words of closed lists stay as they are recorded, set apart so that right-to-left text cannot reorder them.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from channels.bidi import FIRST_STRONG, isolate
from channels.catalogue import words
from domain.history import Change
from domain.record import ENGINE, ENGINE_FACTS, MILESTONES, Entry

ENDS = re.compile(r"(?<=\.)\s")  # of the first sentence
TEXT = re.compile(r"text:[0-9a-f]{32}")
LONG = 160  # characters of one value; what is longer (a charter, a list of findings) is told by how much it holds


class Teller:
    """Tells entries in one language: en, ar or ckb."""

    def __init__(self, language: str) -> None:
        self.words = words(language, "timeline")

    def tell(self, entry: Entry, changes: Iterable[Change] = (), texts: Mapping[str, str] | None = None) -> str:
        """Return the sentence; `texts` are the words behind references, as far as the reader may see them."""
        say, texts = self.words, texts or {}
        sentence = self.sentence(entry.kind)
        if details := self._details(entry.fields, texts):
            sentence = f"{sentence.rstrip('.')} ({details})."
        frame = "frame.engine" if entry.by == ENGINE else "frame.said"
        told = [say(frame, when=self._moment(entry.at), who=say.apart(entry.by), sentence=sentence)]
        if abs((entry.heard_at - entry.at).total_seconds()) >= 60:
            told.append(say("frame.heard", when=self._moment(entry.heard_at)))
        if entry.reason:
            text = texts.get(entry.reason)
            told.append(say("frame.gone") if text is None else say("frame.reason", text=self._free(text)))
        if one := ", ".join(self._change(change) for change in changes):
            told.append(say("frame.change", all=one))
        return " ".join(told)

    def sentence(self, kind: str) -> str:
        """Return what a kind means, one sentence in the past tense."""
        if self.words.language == "en":
            return _from_docstring(kind)
        return self.words(f"kind.{kind}") if self.words.knows(f"kind.{kind}") else self.words.apart(kind)

    def label(self, name: str) -> str:
        """Return a field's name; where the language has none, the recorded one set apart."""
        if self.words.language != "en" and self.words.knows(f"field.{name}"):
            return self.words(f"field.{name}")
        return self.words.apart(name.replace("_", " "))

    def _details(self, fields: Mapping[str, Any], texts: Mapping[str, str]) -> str:
        return ", ".join(f"{self.label(name)}: {self._value(value, texts)}" for name, value in fields.items())

    def _value(self, value: Any, texts: Mapping[str, str]) -> str:
        if isinstance(value, str) and TEXT.fullmatch(value):
            return self._free(texts[value]) if value in texts else self.words("frame.text")
        if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            return ", ".join(self._value(one, texts) for one in value)
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if len(said) > LONG:
            said = f"… {len(value)}"
        return self.words.apart(said)

    def _change(self, change: Change) -> str:
        nothing = self.words("frame.nothing")
        what = f"{self.label(change.what)} {self.words.apart(change.id)}".rstrip()
        before, after = (self.words.apart(one) or nothing for one in (change.before, change.after))
        return self.words("frame.one", what=what, before=before, after=after)

    def _free(self, text: str) -> str:
        """Return what somebody wrote: its own direction, whatever language stands around it."""
        return (
            isolate(" ".join(text.split()), FIRST_STRONG) if self.words.direction == "rtl" else " ".join(text.split())
        )

    def _moment(self, at: datetime) -> str:
        zone = at.isoformat()[-6:] if at.utcoffset() else "UTC"
        return self.words.apart(f"{at:%Y-%m-%d %H:%M} {zone}")


def disclaimer(language: str = "en") -> str:
    """Return the note that every export carries: whose views these are not."""
    return words(language, "timeline")("disclaimer")


@cache
def _from_docstring(kind: str) -> str:
    made = MILESTONES.get(kind) or ENGINE_FACTS.get(kind)
    said = " ".join((made.__doc__ or "").split()) if made else ""
    return ENDS.split(said, maxsplit=1)[0] if said else f"{kind.replace('_', ' ').capitalize()}."
