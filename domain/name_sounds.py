"""How a word of a name sounds, from Arabic or Latin letters: its consonants in classes, and the vowels between them.

A `Sound` is the consonants ("hsn") with one slot of vowels before, between and after them. Letters that stand for
several sounds make several Sounds; two words are alike when one of each has the same consonants and vowels that may
be the same. Latin slots hold a e i u (o is u), capitals where length is written (ee, ou, aa), w and y. Arabic slots
hold A I U for long vowels and these marks: `@` a vowel begins the word, e Kurdish ە, u and i Kurdish و and ی that may
be short, ' hamza, ` ayn, M final ي or ى, E final ة or ه, O final و.
"""

import re
from functools import lru_cache
from itertools import product
from typing import NamedTuple

MOST = 8  # readings kept of one word
FAR = 99
SPELT_ALIKE = ({"a"}, {"e"}, {"i"}, {"u"}, {"a", "e"}, {"e", "i"})


class Sound(NamedTuple):
    consonants: str
    vowels: tuple[str, ...]  # one more than there are consonants
    arabic: bool


def sounds(word: str) -> tuple[Sound, ...]:
    """Return how a folded word may be read; nothing for other scripts."""
    if re.search("[\u0620-\u06ff]", word):
        return _arabic(word)
    return _latin(word) if re.search("[a-zşçğ]", word) else ()


@lru_cache(maxsize=65536)
def alike(a: Sound, b: Sound) -> bool:
    """Return whether two readings may be of one word."""
    if a.consonants != b.consonants:
        return False
    if a.arabic and b.arabic:
        return _as_arabic(a) == _as_arabic(b) or all(map(_arabic_fits, a.vowels, b.vowels, _places(a)))
    if a.arabic or b.arabic:
        native, latin = (a, b) if a.arabic else (b, a)
        return _written_for(native, latin) and not _other_pattern(native.vowels, latin.vowels, native)
    loose = sum(map(_latin_distance, a.vowels, b.vowels, _places(a)))
    return loose <= max(len(a.consonants) - 2, 0) and not _other_pattern(a.vowels, b.vowels, a)


def _places(sound: Sound) -> list[str]:
    """Return where each slot stands: begin, first, middle or end; `first` bears most of the variants."""
    count = len(sound.consonants)
    return ["begin", *("first" if n == 0 and count > 2 else "middle" for n in range(count - 1)), "end"][: count + 1]


# --- Latin letters -------------------------------------------------------------------------------------------------

_LATIN = {
    "tch": "C", "sch": "S", "sh": "S", "ş": "S", "ch": "CS", "ç": "Cj", "kh": "h", "gh": "gk", "ğ": "g", "dh": "dz",
    "zh": "Zj", "ph": "f", "dj": "j", "ck": "k", "c": "jkC", "q": "k", "g": "gjG", "j": "jZ", "p": "b",
}  # fmt: skip
_GRAPHEME = re.compile("tch|sch|sh|th|ch|kh|gh|dh|zh|ph|dj|ck|[a-zşçğ]")


@lru_cache(maxsize=65536)
def _latin(word: str) -> tuple[Sound, ...]:
    found = _GRAPHEME.findall(re.sub(r"([^aeiou])\1+", r"\1", re.sub("(?<=[aeiou])w+(?=[aeiou])", "w", word)))
    ways: list[tuple[str, ...]] = []  # of each grapheme, what it may be: consonants in capitals of _LATIN, or a vowel
    for place, one in enumerate(found):
        before, after = found[place - 1] if place else "", found[place + 1] if place + 1 < len(found) else ""
        end = not after
        if one in "aeiou":
            ways.append((f"~{'u' if one == 'o' else one}",))
        elif one in "wy":
            consonant = not before and after in ("a", "e", "i", "o", "u")
            ways.append((one,) if consonant else (f"~{one}" if after else f"~{'i' if one == 'y' else 'u'}",))
        elif one == "v":
            ways.append(("f", "w") if not before else ("f", "~w"))
        elif one == "x":
            ways.append(("h", "ks"))
        elif one == "th":
            ways.append(("t", "s", "th"))
        elif one == "h" and end and (before == "a" or (before == "e" and len(found) > 6)):
            ways.append(("h", ""))  # Fatimah, Khadijeh; but Saleh
        elif one == "t" and end:
            ways.append(("t", "d"))
        else:
            ways.append(tuple(_LATIN.get(one, one)))
    return _built(ways, arabic=False)


def _built(ways: list[tuple[str, ...]], arabic: bool) -> tuple[Sound, ...]:
    made: dict[Sound, None] = {}
    for choice, _ in zip(product(*ways), range(MOST), strict=False):
        consonants, slots = "", [""]
        for one in choice:
            if one.startswith("~"):
                slots[-1] += one[1:]
            else:
                for consonant in one:
                    consonants += consonant
                    slots.append("")
        vowels = tuple(slots) if arabic else tuple(_long(slot) for slot in slots)
        made[Sound(consonants, vowels, arabic)] = None
    return tuple(made)


def _long(slot: str) -> str:
    """Write length as capitals: ee, ie, ii are I; uu (oo, ou) is U; aa is A."""
    for two, one in (("aa", "A"), ("ee", "I"), ("ii", "I"), ("ie", "I"), ("uu", "U")):
        slot = slot.replace(two, one)
    return re.sub("yy+", "y", slot)


def _plain(slot: str) -> str:
    return re.sub(r"(.)\1+", r"\1", slot.lower().replace("w", "u").replace("y", "i"))


@lru_cache(maxsize=65536)
def _latin_distance(a: str, b: str, place: str) -> int:
    """Return 0 for vowels that are spelt for each other, 1 for those that sometimes are, and FAR."""
    x, y = sorted((_plain(a), _plain(b)), key=lambda slot: (len(slot), slot))
    short = (a + b).islower()
    if x == y:
        return 0
    if not x:
        return 1 if place in ("first", "middle") and len(y) == 1 and short else FAR
    if len(x) == len(y) and all({one, two} in SPELT_ALIKE for one, two in zip(x, y, strict=True)):
        return 0
    if place == "first" and len(x) == len(y) == 1 and short:
        return 1
    if place != "begin" and len(x) == 1 and len(y) == 2:  # diphthongs: Dulaimi and Dulemi, Tawfiq and Tofiq
        return 0 if (x in "ei" and y in ("ai", "ei")) or (x == "u" and y in ("au", "eu")) else FAR
    return FAR


# --- Arabic letters ------------------------------------------------------------------------------------------------

_ARABIC = {
    "ب": "b", "پ": "b", "ت": "t", "ط": "t", "ث": "ts", "ج": "j", "چ": "Cj", "ح": "h", "خ": "h", "ه": "h", "د": "d",
    "ض": "dz", "ظ": "dz", "ذ": "dz", "ر": "r", "ز": "z", "ژ": "Zj", "س": "s", "ص": "s", "ش": "S", "غ": "g", "گ": "Gk",
    "ف": "f", "ڤ": "f", "ق": "kg", "ك": "kG", "ل": "l", "م": "m", "ن": "n",
}  # fmt: skip
_KURDISH = re.compile("[ەێۆ]|^ئ")


@lru_cache(maxsize=65536)
def _arabic(word: str) -> tuple[Sound, ...]:
    kurdish = _KURDISH.search(word) is not None
    ways: list[tuple[str, ...]] = []
    begun = ""
    for place, one in enumerate(word):
        end, before = place == len(word) - 1, word[place - 1] if place else ""
        if not place and one in "اعئ":
            way: tuple[str, ...] = ("~@`" if one == "ع" else "~@",)
        elif one == "ا":
            way = ("~A",)
        elif one in "وي" and not place:
            way = ("w",) if one == "و" else ("y",)
        elif one == "و":
            doubled = before == "و" or word[place + 1 : place + 2] == "و"
            short = kurdish and not doubled and begun.count("C") <= 1
            way = ("~" if before == "و" and place > 1 else "~u" if short else "~O" if end else "~U",)
        elif one == "ي":
            way = ("~M",) if end else ("~i",) if kurdish and begun == "" else ("~I",)
        elif one in "ۆێ":
            way = ("~U",) if one == "ۆ" else ("~I",)
        elif one == "ە":
            way = ("~E",) if end else ("~e",)
        elif one == "ة":
            way = ("~E",)
        elif one == "ه" and end:
            way = ("h", "~E")
        elif one in "ءؤئ":
            way = ("~'",)
        elif one == "ع":
            way = ("~`",)
        else:
            way = tuple(_ARABIC.get(one, ""))
            begun += "C"
        ways.append(way or ("",))
    return _built(ways, arabic=True)


def _as_arabic(sound: Sound) -> tuple[str, ...]:
    return tuple(slot.replace("'", "").replace("e", "") for slot in sound.vowels)


@lru_cache(maxsize=65536)
def _arabic_fits(a: str, b: str, place: str) -> bool:
    x, y = (slot.replace("'", "").replace("e", "") for slot in (a, b))
    if x == y:
        return True
    x, y = sorted((x, y), key=len)
    if place == "end":
        if {x[-1:], y[-1:]} <= set("AMIE") and x[:-1] == y[:-1] and {x[-1:], y[-1:]} != {"M", "E"}:
            return True  # Mustafa is written with ى, ي and ا; Sara with ة and ا
        return y == x + "O" or (x == "O" and y in ("U", "u")) or (x == "u" and y in ("U", "O"))
    for optional, long in (("u", "U"), ("i", "I")):
        if optional in y and y.replace(optional, "", 1) == x:
            return True
        if optional in x + y and x.replace(optional, long) == y.replace(optional, long):
            return True
    return False


# --- across --------------------------------------------------------------------------------------------------------

_MARKS = {
    "A": "[aA]",
    "I": "[aeuA]?(?:y?[iIe]|[iIe]?y[aeuU]?)",
    "U": "[aeAi]?(?:w?[uU]|w[aeiuI]?)",
    "e": "[ae]?",
    "u": "[uU]?",
    "i": "[iIe]?",
    "'": "(?:[aeuA]{0,2}|i)",
    "`": "(?:[aeuA]{0,2}|i)",
    "M": "[aeu]?[iIyeaA]{1,2}",
    "E": "(?:[aeA]|[iy]{1,2}[ae])",
    "O": "[uU]?",
}


@lru_cache(maxsize=16384)
def _slot_pattern(marks: str, place: str) -> re.Pattern[str]:
    if not marks:
        # An unwritten vowel is short; u only in the first syllable, or محمد would be Mahmud.
        return re.compile({"begin": "", "first": "[aeiu]?", "middle": "[aei]?", "end": ""}[place])
    if marks in ("@", "@`"):
        return re.compile("[aeiuAIU]{1,2}")
    said = re.sub("I([`']?)M$", r"\1M", marks.replace("@", ""))
    return re.compile("".join(_MARKS[mark] for mark in said))


def _written_for(native: Sound, latin: Sound) -> bool:
    places = _places(native)
    if len(native.consonants) == 2 and not native.vowels[0]:
        places[1] = "first"  # one syllable: Nur, Saad
    return all(
        _slot_pattern(marks, place).fullmatch(slot)
        for marks, slot, place in zip(native.vowels, latin.vowels, places, strict=True)
    )


def _other_pattern(a: tuple[str, ...], b: tuple[str, ...], sound: Sound) -> bool:
    """Tell Salim from Salam and Hamid from Hamad: in words of three radicals the second vowel decides.

    A slot is a, i (also e) or nothing; a beginning vowel stands for a radical, as ayn and hamza do.
    """
    count = len(sound.consonants)
    if count == 3 and not a[0] and not b[0]:
        first, second = 1, 2
    elif count == 2 and a[0] and b[0]:
        first, second = 0, 1
    else:
        return False
    if a[-1] or b[-1]:
        return False
    one, two = b[first], b[second]
    if not sound.arabic:
        return _plain(a[first]) == _plain(one) == "a" and {_plain(a[second]), _plain(two)} == {"a", "e"}
    long = a[first].strip("@`'")
    if long == "I" and a[second] == "A":
        return one.startswith("a")  # Iman, not Ayman
    if a[second].strip("'`e") or "`" in a[second] or "'" in a[second] or "e" in a[second]:
        return False
    if not long:
        return _plain(one) == "a" and _plain(two) in ("e", "i")
    return long == "A" and _plain(two) == "a"
