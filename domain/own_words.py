"""Words of a manager's own for one initiative: what they may hold, and what they must not name. Pure.

Subjects are the same for everything unless the initiative is open: a subject of its own would tell messages apart.
At `quiet` all messages say the same. Nobody is named in any class; topic, party, place and institution only in the
text of an open initiative.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from string import Formatter
from typing import Literal, NamedTuple

from domain.names import folded
from domain.rules import Refused, require, rule
from domain.values import Value
from domain.vocabulary import Sensitivity

Language = Literal["en", "ar", "ckb"]
Tone = Literal["remind", "again", "tell", "escalate", "expire"]
TermKind = Literal["topic", "party", "place", "institution", "person"]

SUBJECT_MAX = 70  # characters: what a list of mails shows
TEXT_MAX = 2_000
# What a text may leave to the moment of sending. None of them is a name.
PLACES: Mapping[str, str] = {
    "task": "what is asked for, in a few words",
    "starts": "when the meeting is, by the reader's clock",
    "by": "until when an answer is asked for",
    "who": "the id of whoever has not answered; in an escalation only",
}
IN_SUBJECT = ("task",)
JOINERS = "\u200c\u200d"  # parts of Persian and Kurdish spelling; every other unseen character is refused
PREFIXES = re.compile("^[وف]?(?:لل|[بكل]?ال|[بكل])?")  # and, so, to, by, as, the: Arabic writes them in one word
SHORT = 4  # a word of fewer letters is compared whole

PLACEHOLDER = rule(
    "words.placeholder",
    "Own words leave only known places open, each written like {by}; the subject only {task}.",
    f"Use {', '.join(f'{{{name}}}' for name in PLACES)}, or none.",
    "F9",
)
DISCLOSES = rule(
    "words.discloses",
    "Own words name no topic, party, place, institution or person that a stranger may not read of.",
    "Say it without the name: the reader knows what it is about, and the reference tells the rest.",
    "A42, E3.17",
)
SUBJECT_OPEN = rule(
    "words.subject-where-open",
    "Only an open initiative has subjects of its own; elsewhere they would tell its messages apart.",
    "Leave the line `Subject:` out.",
    "A42, E3.17",
)
QUIET = rule(
    "words.quiet",
    "At quiet every message says the same, so there are no own words.",
    "Leave them out, or amend the charter's sensitivity.",
    "A49",
)
PLAIN = rule(
    "words.plain",
    "Own words are plain text: no control characters and no marks of direction; those are put in when it is sent.",
    "Type it again without them; a subject is one line.",
    "E3.32",
)
LENGTH = rule(
    "words.length",
    f"A subject has at most {SUBJECT_MAX} characters, a text 1 to {TEXT_MAX:,}.",
    "Say it in fewer words; put the rest into a document.",
    "F9",
)
SCRIPT = rule(
    "words.script",
    "Own words are written in the script of their language.",
    "Check --language: en is Latin, ar and ckb are Arabic script.",
    "F9",
)
KNOWN_ASK = rule(
    "words.known-ask",
    "Only what is asked for can have words of its own.",
    "Choose an ask from `jisr agenda ID`, in the column wording.",
    "F9",
)


class OwnWords(Value):
    """A manager's words for one ask in one language. `tone`: at which turn of it they are said."""

    ask: str
    language: Language
    tone: Tone = "remind"
    subject: str = ""
    text: str


class Term(NamedTuple):
    """What must not be named. `id` is what a refusal calls it by."""

    kind: TermKind
    id: str
    words: str


Chosen = Mapping[tuple[str, str, str], OwnWords]


def chosen(every: Chosen, ask: str, language: str, tone: str) -> OwnWords | None:
    """Return the words for this turn; where a reminder or a note has none of its own, those of the first request."""
    found = every.get((ask, language, tone))
    if found is None and tone in ("again", "tell"):
        found = every.get((ask, language, "remind"))
    return found


def check(own: OwnWords, sensitivity: str, terms: Iterable[Term], neutral: Collection[str]) -> None:
    """Return if these words may be said. `neutral`: folded words that name nothing. Raises: Refused."""
    require(sensitivity != Sensitivity.QUIET, QUIET)
    require(not own.subject or sensitivity == Sensitivity.OPEN, SUBJECT_OPEN)
    require(len(own.subject) <= SUBJECT_MAX and 0 < len(own.text.strip()) <= TEXT_MAX, LENGTH)
    for given, allowed in ((own.subject, ""), (own.text, "\n")):
        odd = sorted({f"U+{ord(c):04X}" for c in given if _unseen(c) and c not in allowed})
        require(not odd, PLAIN, f"There is {', '.join(odd[:3])}.")
    _require_places(own.subject, IN_SUBJECT)
    _require_places(own.text, PLACES)
    for given in filter(None, (own.subject, own.text)):
        require(_in_script(given, own.language), SCRIPT)
    terms = list(terms)
    _require_undisclosed("subject", own.subject, terms, neutral)
    in_text = [one for one in terms if one.kind == "person" or sensitivity != Sensitivity.OPEN]
    _require_undisclosed("text", own.text, in_text, neutral)


def places_in(given: str) -> set[str]:
    """Return the names of what a text leaves open."""
    return {name for _, name, _, _ in Formatter().parse(given) if name}


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp") and char not in JOINERS


def _require_places(given: str, known: Collection[str]) -> None:
    """Refuse a place that is not known, has more than a name in it, or a brace that stands alone."""
    try:
        places = [place for _, *place in Formatter().parse(given) if place[0] is not None]
    except ValueError:
        raise Refused(PLACEHOLDER, "A brace stands alone.") from None
    for name, shape, conversion in places:
        if name not in known or shape or conversion:
            raise Refused(PLACEHOLDER, "One of the places is not known here.")


def _in_script(given: str, language: str) -> bool:
    """Tell whether most letters are of the language's script."""
    letters = [char for char in re.sub(r"\{\w+\}", "", given) if char.isalpha()]
    arabic = sum("\u0600" <= char <= "\u06ff" for char in letters)
    latin = sum(unicodedata.name(char, "").startswith("LATIN") for char in letters)
    return (latin if language == "en" else arabic) * 2 > len(letters)


# --- what must not be named -----------------------------------------------------------------------------------


def _require_undisclosed(where: str, given: str, terms: Iterable[Term], neutral: Collection[str]) -> None:
    named = next(disclosed(given, terms, neutral), None)
    if named is not None:
        what = "the topic" if named.kind == "topic" else f"the {named.kind} {named.id}"
        raise Refused(DISCLOSES, f"The {where} names {what}.")


def disclosed(given: str, terms: Iterable[Term], neutral: Collection[str]) -> Iterator[Term]:
    """Yield what is named: spellings are folded, so ي and ی, İ and i are one; prefixes and endings are seen through."""
    said = folded(re.sub(r"\{\w+\}", " ", given)).split()
    for term in terms:
        parts = folded(term.words).split()
        telling = [part for part in parts if len(part) > 2 and part not in neutral and _bare(part) not in neutral]
        if term.kind == "institution":  # of a university or a centre only the whole name tells which
            if parts and any(_same_run(parts, said[at:]) for at in range(len(said))):
                yield term
        elif any(_is(part, word, term.kind) for part in telling for word in said):
            yield term


def _same_run(parts: list[str], said: list[str]) -> bool:
    return len(said) >= len(parts) and all(
        _is(part, word, "institution") for part, word in zip(parts, said, strict=False)
    )


def _is(part: str, word: str, kind: TermKind) -> bool:
    """Tell whether a word of a text is a word of a term: joined to what stands before it, or with an ending."""
    mine = part.removeprefix("ال") if len(part) > SHORT else part
    forms = {word, _bare(word)}
    if part in forms or mine in forms:
        return True
    # A name inside another word is no name, and short words stand inside many.
    return kind != "person" and len(mine) >= SHORT and any(one.startswith(mine) for one in forms)


def _bare(word: str) -> str:
    """Return an Arabic word without what is joined to its front; others as they are."""
    left = PREFIXES.sub("", word)
    return left if len(left) > 2 else word
