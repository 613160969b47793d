"""The link a message gets, when there is a page to answer on."""

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

    def __call__(self, notice: Notice, message: Message) -> Message:
        return linked(notice, message, f"{self._page}/{self._links.token(notice)}")


def linked(notice: Notice, message: Message, link: str) -> Message:
    """Return the message with this link, and with what can be done there."""
    bound = asked(notice)
    return with_link(message, link, bound.expires_at, answers=len(bound.verbs) > len(ALWAYS))
