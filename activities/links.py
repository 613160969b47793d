"""The link a message gets, when there is a page to answer on."""

from collections.abc import Sequence

from channels.answer_link import with_link
from channels.message import Message
from domain.answers import ALWAYS, asked
from domain.outgoing import Notice
from storage.answer_links import AnswerLinks


class LinkWriter:
    """Puts the link of a message into it: the same link into the same message. `page`: where answers are given."""

    def __init__(self, links: AnswerLinks, page: str) -> None:
        self._links = links
        self._page = page.rstrip("/")

    def __call__(self, notices: Sequence[Notice], message: Message) -> Message:
        return linked(notices, message, [f"{self._page}/{self._links.token(one)}" for one in notices])


def linked(notices: Sequence[Notice], message: Message, links: Sequence[str]) -> Message:
    """Return the message with the link of each request that is answered there; where none is, with one link.

    Language and stop are the same by each of them, so a list of what cannot be answered there needs no second one.
    """
    every = [(number, asked(notice), link) for number, (notice, link) in enumerate(zip(notices, links, strict=True), 1)]
    answered = [one for one in every if len(one[1].verbs) > len(ALWAYS)]
    for number, bound, link in answered or every[:1]:
        shown = number if answered and len(every) > 1 else 0
        message = with_link(message, link, bound.expires_at, answers=bool(answered), number=shown)
    return message
