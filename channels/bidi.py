"""Direction of text: what is not a word of a language stands apart, so that it can't reorder its neighbours."""

LTR, RTL, FIRST_STRONG, END = "\u2066", "\u2067", "\u2068", "\u2069"
TAGS = {LTR: '<bdi dir="ltr">', RTL: '<bdi dir="rtl">', FIRST_STRONG: "<bdi>", END: "</bdi>"}


def isolate(text: str, mark: str = LTR) -> str:
    """Return an id, a number, a date or a run of another language, set apart by Unicode isolates."""
    return f"{mark}{text}{END}" if text else ""


def as_markup(text: str) -> str:
    """Return escaped text with its isolates as HTML."""
    for mark, tag in TAGS.items():
        text = text.replace(mark, tag)
    return text
