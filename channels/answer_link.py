"""The link with which its reader answers, at the end of a message: in the text and on the page."""

from datetime import datetime
from html import escape

from babel.dates import format_date

from channels.bidi import as_markup
from channels.catalogue import words
from channels.message import Message
from channels.page import with_paragraph
from channels.wording import DAY

PLACE = "\0"  # stands for the link until what stands around it is escaped


def with_link(message: Message, link: str, until: datetime, answers: bool, number: int = 0) -> Message:
    """Return the message with its link. `answers`: what was asked can be answered there, until that day.

    `number`: to which of the requests in the message the link belongs, from 1; 0 when there is only one.
    """
    say = words(message.language)
    day = format_date(until.astimezone(message.at.tzinfo).date(), DAY, locale=say.locale)
    told = say("link.answer", link=PLACE, day=say.run(day)) if answers else say("link.stop", link=PLACE)
    told = f"{say.apart(str(number))}. {told}" if number else told
    own = say("link.own")
    looks = "display: block; margin: 4px 0; word-break: break-all"
    anchor = f'<a href="{escape(link)}" dir="ltr" style="{looks}">{escape(link)}</a>'
    # On a line of its own: some programs would take what stands right behind it, if only a mark, as a part of it.
    alone = told.replace(f" {PLACE}", "\n" + link)
    return message.but(
        text=f"{message.text}\n\n{alone}\n{own}",
        html=with_paragraph(message.html, as_markup(escape(f"{told} {own}")).replace(PLACE, anchor)),
    )
