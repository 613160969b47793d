"""A day in the Hijri calendar, to be read beside the Gregorian one. Display only: nothing is ever reckoned with it.

By Umm al-Qura, so it may be a day off from what is announced where its reader lives; the Gregorian date counts.
"""

from datetime import date

from hijridate import Gregorian

SORANI = (
    "موحەڕەم", "سەفەر", "ڕەبیعی یەکەم", "ڕەبیعی دووەم", "جەمادی یەکەم", "جەمادی دووەم", "ڕەجەب", "شەعبان", "ڕەمەزان",
    "شەوال", "زولقەعدە", "زولحیججە",
)  # fmt: skip


def hijri(day: date, language: str) -> str:
    """Return `7 شوال 1447` in Arabic or Sorani; nothing in another language, or for years nobody has reckoned."""
    if language not in ("ar", "ckb"):
        return ""
    try:
        found = Gregorian.fromdate(day).to_hijri()
    except (OverflowError, ValueError):
        return ""
    month = found.month_name("ar") if language == "ar" else SORANI[found.month - 1]
    return f"{found.day} {month} {found.year}"
