"""The same words as a page for a mail program: it knows its language and direction, and loads nothing from anywhere.

Mail programs drop `<html>`, `<body>` and `<style>`, so direction and looks stand on the innermost box again. What a
list of mails shows of the text is a sentence of its own that says nothing.
"""

from collections.abc import Sequence
from html import escape

from channels.bidi import as_markup
from channels.catalogue import Words

BOX = "max-width: 38em; padding: 16px; color: #1a1a1a; background: #ffffff; font-size: 16px"
FONTS = {
    "ltr": "font-family: 'Noto Sans', 'Segoe UI', Arial, sans-serif; line-height: 1.5",
    "rtl": "font-family: 'Noto Sans Arabic', 'Segoe UI', Tahoma, Arial, sans-serif; line-height: 1.8",
}
END = "\n</div>\n</body>\n</html>\n"
ALIGN = {"ltr": "left", "rtl": "right"}
HIDDEN = "display: none; max-height: 0; overflow: hidden; mso-hide: all; font-size: 1px; color: #ffffff"
FILLER = "&nbsp;&zwnj;" * 120  # so that the list shows the sentence and not the beginning of the text


def as_page(subject: str, paragraphs: Sequence[str], say: Words) -> str:
    """Return the page; what stands in it is escaped."""
    lang, way = say.language, say.direction
    looks = f"{BOX}; {FONTS[way]}; text-align: {ALIGN[way]}"
    body = "\n".join(_paragraph(as_markup(escape(one)).replace("\n", "<br>\n")) for one in paragraphs)
    return (
        f'<!doctype html>\n<html lang="{lang}" dir="{way}">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(subject)}</title></head>\n"
        f'<body dir="{way}" style="margin: 0; padding: 0; background: #ffffff">\n'
        f'<div lang="{lang}" dir="{way}" style="{HIDDEN}">{escape(say("preview"))}'
        f'<span aria-hidden="true">{FILLER}</span></div>\n'
        f'<div lang="{lang}" dir="{way}" style="{looks}">\n{body}{END}'
    )


def with_paragraph(page: str, markup: str) -> str:
    """Return the page with one more paragraph at its end; `markup` is written already."""
    return f"{page.removesuffix(END)}\n{_paragraph(markup)}{END}"


def _paragraph(markup: str) -> str:
    return f'<p style="margin: 0 0 1em">{markup}</p>'
