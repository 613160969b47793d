"""Names of people across scripts: one key for one spelling, and whether two names may mean one person.

What makes names differ that are the same (each is in the tests):
- Letters: ye is U+064A, U+06CC or U+0649; kaf U+0643 or U+06A9; heh U+0647, U+06D5 or U+0629. NFKC unifies none
  of these (it only undoes presentation forms), nor does it remove tatweel, harakat, ZWNJ or marks of direction.
- Kurdish writes short vowels (U+06D5, and U+0648 for u) that Arabic leaves out, and begins vowels with U+0626; older
  fonts write U+06D5 as heh and ZWNJ.
- Turkish: 'İ'.lower() is two code points and 'I'.lower() has a dot it should not have, so i, ı, İ and I are one here.
- The article: al-Jubouri, Al Jubouri, Aljubouri, ash-Shammari; الجبوري sorts under ج. Abd al-Rahman is also
  Abdulrahman, Abdel Rahman, عبدالرحمن. A kunya (Abu Ali, Umm Hassan) is one name, and is not Ali or Hassan.
- Between scripts only consonants and long vowels carry over, and Latin spellings of the same sound vary: kh/h/x,
  q/k/gh, j/g/c, dh/z/d, th/s/t, ou/oo/u. Hassan and Hussein, Muhammad and Mahmoud share all their consonants: there
  the long vowels decide.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Generic, NamedTuple, TypeVar

from domain.name_sounds import Sound, alike, sounds

# --- letters -------------------------------------------------------------------------------------------------------

DIGITS = {ord(zero) + n: str(n) for zero in "\u0660\u06f0" for n in range(10)}  # Arabic-Indic, Persian
_KEPT = {"s\u0327": "ş", "s\u030c": "ş", "c\u0327": "ç", "c\u030c": "ç", "g\u0306": "ğ"}
_KEPT |= {"و\u0654": "ؤ", "ي\u0654": "ئ"}
_KEPT_PATTERN = re.compile("|".join(_KEPT))
_GENTLE = str.maketrans(
    {
        **dict.fromkeys("ی\u0649ېےۍ", "ي"),
        **dict.fromkeys("کڪڭ", "ك"),
        **dict.fromkeys("ہھۀ", "ه"),
        **dict.fromkeys("ٱٲٳ", "ا"),
        **dict.fromkeys("ڕڔ", "ر"),
        "ڵ": "ل", "ۋ": "و", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ə": "e",
        **dict.fromkeys("\u0640'’‘`´ʼʻʾʿ′ʹ", ""),
    }
    | {chr(code): digit for code, digit in DIGITS.items()}
)  # fmt: skip
_STRONG = str.maketrans(
    {"ە": "ه", "ة": "ه", "ێ": "ي", "ۆ": "و", "ؤ": "و", "ئ": "ي", "ء": "", "ş": "s", "ç": "c", "ğ": "g"}
)
_ARABIC = re.compile("[\u0620-\u06ff]")


class _Kinds(dict[int, int | None]):
    """What becomes of a character: marks go, what is no letter or digit becomes a space."""

    def __missing__(self, code: int) -> int | None:
        kind = unicodedata.category(chr(code))
        dropped = kind in ("Mn", "Me", "Cf")
        self[code] = None if dropped else ord(" ") if kind[0] in "PZSC" and chr(code) not in ",،" else code
        return self[code]


_KINDS = _Kinds()

# --- words ---------------------------------------------------------------------------------------------------------


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set(
    "sheikh shaikh shaykh haji hajji hadji mulla mullah mam kak general mamosta "
    "السيد السيده شيخ الشيخ حاج الحاج اللواء العميد كاك مام ملا ماموستا خاتوو بهريز"
)
_SHORT_TITLES = _set(  # never a name, also before a single one
    "dr prof professor mr mrs ms miss eng sir د م ا دكتور الدكتور دكتوره الدكتوره مهندس المهندس استاذ الاستاذ الاستاذه"
)
_OF = _set("ibn bin ben bint binti ould veled ابن بن بنت ولد كوري")
_ARTICLES = _set("al el ul il ال")
_ASSIMILATED = _set("ad ar as ash aş at az an ed er es esh eş et ez en ur us")
# Names that only look as if they began with the article.
_NO_ARTICLE = _set("الهام الياس الياسي الين اليف البرت الفريد اليزا اليزابيث الكسندر الكساندر الاند التون")
_ABU, _UMM = _set("abu abo aboo abou ابو ابا ابي"), _set("umm um oum omm ام")
_DIN = _set("din deen dine ddin eddin uddin addin دين")
# Spellings of one name that no rule of sound explains.
_SPELT = {
    "رحمان": "رحمن", "عبدرحمان": "عبدرحمن", "اسمعيل": "اسماعيل", "ابرهيم": "ابراهيم", "هرون": "هارون", "داوود": "داود",
    "اسحق": "اسحاق", "طه": "طاها", "mohd": "mohammed", "muhd": "mohammed", "mhd": "mohammed", "mohamd": "mohammed",
}  # fmt: skip
_ABD = re.compile(r"abd[aeiou]{1,2}(?:l|([rszndt]|sh)(?=\1))(.{2,})")
_ABD_ALONE = re.compile(r"abd[aeiou]{1,2}[lrszndt]?")
_JOINED_DIN = re.compile(r"(.{3,}?)[aeiou]+(?:dd|tt|d)[ie]+ne?")
_JOINED_ARTICLE = re.compile(r"[ae]l([bcdfghjkmnpqrstvwxzşçğ].{4,})")
_JOINED_ABU = re.compile(r"ab[aou]l([^aeiou].{3,})")


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """Return what two spellings of one name in one script have in common; the same again for a key.

    Without article, titles, "son of"; compounds (Abd al-Rahman, Abu Ali, Salah al-Din) are one word.
    """
    return " ".join(word.key for word in _read(name))


def sort_key(name: str) -> tuple[str, str]:
    """Return what to sort names by: al-Jubouri stands under J, الجبوري under ج, گوران after كاوە."""
    return key(name).translate(_ORDER), name


_ALPHABET = "ابپتثجچحخدذرزژسشصضطظعغفڤقكگلمنهوي"  # Arabic, Persian and Kurdish letters in one order
_ORDER = {ord(letter): chr(0x620 + place) for place, letter in enumerate(_ALPHABET)}


class _Word(NamedTuple):
    key: str
    sounds: tuple[Sound, ...]


@lru_cache(maxsize=65536)
def _read(name: str) -> tuple[_Word, ...]:
    """Return the words of a name; folded until nothing changes, so that a key is its own key."""
    words = _words(_gentle(name))
    folded = [_strong(word) for word in words]
    while (again := [_strong(word) for word in _words(_gentle(" ".join(folded)))]) != folded:
        words = folded = again
    return tuple(_Word(word, sounds(gentle)) for word, gentle in zip(folded, words, strict=True))


def folded(text: str) -> str:
    """Return any words folded as names are (letters, marks, digits, punctuation), each word still there."""
    return " ".join(_strong(word) for word in _gentle(text).replace(",", " ").replace("،", " ").split())


def _gentle(name: str) -> str:
    """Fold what never tells two names apart; what says how a name sounds (ش or ş, ە or ه) stays."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    text = _KEPT_PATTERN.sub(lambda found: _KEPT[found[0]], text)
    text = re.sub("ه\u200c(?=[\u0620-\u06ff])", "ە", text).translate(_GENTLE)
    return text.translate(_KINDS)


@lru_cache(maxsize=65536)
def _strong(word: str) -> str:
    return re.sub("^ئ(?=[اويۆێەه])", "", word).translate(_STRONG)


def _words(text: str) -> list[str]:
    """Split a name into its words: without titles, articles and "son of", compounds joined; "X, Y" is Y X."""
    before, comma, after = text.replace("،", ",").partition(",")
    text = f"{after} {before}".replace(",", " ") if comma else before
    parts = text.split()
    while len(parts) > 1 and (_strong(parts[0]) in _SHORT_TITLES or (len(parts) > 2 and _strong(parts[0]) in _TITLES)):
        parts = parts[1:]
    words: list[str] = []
    article = False  # before this part
    waiting = ""  # the first half of a compound
    for place, part in enumerate(parts):
        last, following = place == len(parts) - 1, parts[place + 1] if place + 1 < len(parts) else ""
        if not last and (part in _ARTICLES or (part in _ASSIMILATED and following.startswith(part[1:]))):
            article = True
            continue
        bare, had = _without_article(part)
        had = had or article
        article = False
        if waiting:
            words.append(_SPELT.get(waiting + bare, waiting + bare))
            waiting = ""
        elif words and not last and part in _OF:
            continue
        elif not last and _begins_compound(part, following):
            waiting = "abd" if part.startswith("abd") else "عبد" if part == "عبد" else _kunya(part)
        elif words and bare in _DIN and (had or not _ARABIC.search(bare)):
            words[-1] += "دين" if bare == "دين" else "din"
        else:
            words.append(_SPELT.get(bare, bare))
    return [word for word in words if _strong(word)]


@lru_cache(maxsize=65536)
def _without_article(part: str) -> tuple[str, bool]:
    """Return a word without a joined article, with compounds in one spelling; and whether it had an article."""
    if part.startswith("ال") and len(part) > 4 and part not in _NO_ARTICLE:
        return part[2:], True
    if part == "الله":
        return "له", True
    if part == "allah":
        return "lah", True
    if part.startswith(("عبدال", "ابوال")) and len(part) > 6:
        return part[:3] + part[5:], False
    if found := _ABD.fullmatch(part):
        return "abd" + found[2], False
    if found := _JOINED_ABU.fullmatch(part):
        return "abu" + found[1], False
    if found := _JOINED_DIN.fullmatch(part):
        return found[1] + "din", False
    if found := _JOINED_ARTICLE.fullmatch(part):
        return found[1], True
    return part, False


def _begins_compound(part: str, following: str) -> bool:
    if part in ("abd", "عبد"):
        return following in _ARTICLES | _ASSIMILATED or _without_article(following)[1]
    return part in _ABU or part in _UMM or _ABD_ALONE.fullmatch(part) is not None


def _kunya(part: str) -> str:
    arabic = _ARABIC.search(part) is not None
    return ("ابو" if arabic else "abu") if part in _ABU else ("ام" if arabic else "um")


# --- one person? ---------------------------------------------------------------------------------------------------

Spellings = str | Sequence[str]  # a name, or all its spellings: native, Latin, as in the passport


def likely_same(a: Spellings, b: Spellings) -> str | None:
    """Return why two names may mean one person, in words that follow "because", or None.

    A reason to ask, never to merge. Where both are known in Arabic script, that decides: Salim and Salem are one in
    Latin letters and are two men as سليم and سالم; only the very same Latin name then still is a reason.
    """
    return _reason(_spellings(a), _spellings(b))


def _reason(ours: Sequence[str], theirs: Sequence[str]) -> str | None:
    native = [(x, y) for x in ours for y in theirs if _is_arabic(x) and _is_arabic(y)]
    for x, y in native:
        if reason := _compare(x, y):
            return reason
    others = [(x, y) for x in ours for y in theirs if not (_is_arabic(x) and _is_arabic(y))]
    for x, y in others:
        if native and not (len(_read(x)) > 1 and key(x) == key(y)):
            continue
        if reason := _compare(x, y):
            return f"{reason}; in Arabic script they differ" if native else reason
    return None


def _spellings(given: Spellings) -> list[str]:
    return [one for one in ([given] if isinstance(given, str) else given) if key(one)]


@lru_cache(maxsize=65536)
def _is_arabic(name: str) -> bool:
    return _ARABIC.search(name) is not None


def _compare(a: str, b: str) -> str | None:
    long, short = _read(a), _read(b)
    if len(long) < len(short):
        long, short = short, long
    if _joined(a) == _joined(b):
        return "the names are the same" if len(long) > 1 else "the single names are the same"
    if len(short) == 1:
        return "the single names sound alike" if len(long) == 1 and _one(long[0], short[0]) else None
    if not _one(long[0], short[0]):
        return None
    if len(long) == len(short):
        return "the names sound alike" if all(map(_one, long, short)) else None
    if all(map(_one, long, short)):
        return "one name goes on where the other ends"
    if _one(long[-1], short[-1]) and _within(short[1:-1], long[1:-1]):
        return "one name leaves out names in the middle"
    return None


def _joined(name: str) -> str:
    """Return a key without its spaces: Ali Reza is also Alireza, حسن‌زاده also حسن زاده."""
    return key(name).replace(" ", "")


def _within(few: Sequence[_Word], many: Sequence[_Word]) -> bool:
    left = iter(many)
    return all(any(_one(word, other) for other in left) for word in few)


@lru_cache(maxsize=65536)
def _one(a: _Word, b: _Word) -> bool:
    return a.key == b.key or any(alike(x, y) for x in a.sounds for y in b.sounds)


R = TypeVar("R", bound=Hashable)


class NameIndex(Generic[R]):
    """Many people by the consonants of their names, so that each new one is compared with few of them."""

    def __init__(self) -> None:
        self._names: dict[R, tuple[int, tuple[str, ...]]] = {}
        self._buckets: dict[str, dict[R, None]] = {}
        self._lengths: dict[int, None] = {}  # how many words names have

    def add(self, who: R, names: Spellings) -> None:
        """Remember somebody under all spellings of their name."""
        spellings = tuple(_spellings(names))
        self._names[who] = (len(self._names), spellings)
        for name in spellings:
            length = len(_read(name))
            self._lengths[length] = None
            for bucket in (*_exact(name), *_near(name, length)):
                self._buckets.setdefault(bucket, {})[who] = None

    def find(self, names: Spellings) -> list[tuple[R, str]]:
        """Return who may be meant by this name, each with the reason, in the order they were added."""
        given = tuple(_spellings(names))
        near: dict[R, None] = {}
        for name in given:
            others = (length for length in self._lengths if length != len(_read(name)))
            for bucket in (*_exact(name), *(one for length in others for one in _near(name, length))):
                near |= self._buckets.get(bucket, {})
        order = sorted(near, key=lambda who: self._names[who][0])
        return [(who, reason) for who in order if (reason := _reason(given, self._names[who][1]))]


def _exact(name: str) -> Iterator[str]:
    """Yield where names of as many words are that may be the same: by the first, second and last word."""
    words = _read(name)
    yield f"= {_joined(name)}"
    told = (words[0], *words[1:2], *words[2:][-1:])
    for sounds_of in product(*(word.sounds for word in told)):
        yield " ".join((str(len(words)), *(sound.consonants for sound in sounds_of)))


def _near(name: str, length: int) -> Iterator[str]:
    """Yield where names of so many words are that may leave words out: by the first with the second or last word."""
    words = _read(name)
    for place, other in (("second", words[1:2]), ("last", words[1:][-1:])):
        for one, two in product(words[0].sounds, other[0].sounds if other else ()):
            yield f"{place} {length} {one.consonants} {two.consonants}"
