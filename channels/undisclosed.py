"""What words for an initiative must not name, spelled out in every language we write; and words that name nothing."""

from collections.abc import Iterable, Iterator
from functools import cache

from babel import Locale
from babel.dates import get_timezone_location

from channels.catalogue import LANGUAGES, words
from domain.names import folded
from domain.own_words import Term
from domain.vocabulary import Issue

# How people speak of an issue. The word of the list itself counts, too.
TOPICS: dict[str, str] = {
    Issue.WATER: "water river rivers dam dams basin مياه المياه ماء نهر أنهار سد سدود ئاوی ئاوەکان ڕووبار بەنداو",
    Issue.BORDERS: "border borders frontier حدود الحدود سنوور",
    Issue.ENERGY: "energy oil gas electricity pipeline طاقة نفط غاز كهرباء وزە نەوت گاز کارەبا",
    Issue.TRADE: "trade tariff tariffs commerce تجارة تجاري بازرگانی",
    Issue.CUSTOMS: "customs جمارك الجمارك گومرگ",
    Issue.AML: "laundering terrorism financing banking bank banks غسل مصرف مصارف بنوك سپیکردنەوە بانک",
    Issue.EXTRADITION: "extradition تسليم المطلوبين ڕادەستکردن",
    Issue.CLIMATE: "climate drought desertification مناخ التصحر جفاف کەشوهەوا وشکەساڵی",
    Issue.AI: "artificial intelligence algorithm ذكاء اصطناعي زیرەکی دەستکرد",
    Issue.DISINFORMATION: "disinformation misinformation تضليل چەواشە",
    Issue.FOREIGN_PRESENCE: "troops forces withdrawal قوات انسحاب کشانەوە",
    Issue.SECURITY_COOPERATION: "security military أمن عسكري ئاسایش سەربازی",
    Issue.COUNTERTERRORISM: "terrorism counterterrorism إرهاب تیرۆر",
    Issue.INTERFAITH: "interfaith religion religious أديان ديني ئایین ئایینی",
    Issue.DEMOCRACY_SUPPORT: "democracy elections ديمقراطية انتخابات دیموکراسی هەڵبژاردن",
    Issue.POLITICAL_SYSTEM: "constitution federalism دستور فدرالية دەستوور فیدراڵی",
}


def spelled_out(terms: Iterable[Term]) -> Iterator[Term]:
    """Yield the terms with what stands for a code in each language: countries, cities of zones, issues."""
    for term in terms:
        match term.kind:
            case "party":
                yield from (term._replace(words=name) for name in _country(term.words))
            case "place":
                yield from (term._replace(words=name) for name in _city(term.words))
            case "topic" if term.id == "issue":
                yield term._replace(words=term.words.replace("_", " "))
                yield from (term._replace(words=word) for word in TOPICS.get(term.words, "").split())
            case _:
                yield term


def _country(code: str) -> set[str]:
    locales = [Locale.parse(name) for name in LANGUAGES.values()]
    return {str(name) for one in locales if (name := one.territories.get(code.partition("-")[0]))}


def _city(zone: str) -> set[str]:
    cities = {str(get_timezone_location(zone, locale=name, return_city=True)) for name in LANGUAGES.values()}
    return cities | {zone.rpartition("/")[2].replace("_", " ")}


@cache
def neutral() -> frozenset[str]:
    """Return every word of the house's own sentences, folded: they name neither a topic nor a place nor anybody."""
    found: set[str] = set()
    for language in LANGUAGES:
        for sentence in words(language).sentences:
            found |= set(folded(sentence).split())
    return frozenset(found)
