"""What is sent, to whom, and what came of it. Values, and the one shape every channel has."""

from datetime import datetime
from typing import Literal, Protocol

from pydantic import Field

from domain.digest import id_of
from domain.outgoing import Notice
from domain.values import Value

DOMAIN = "jisr.invalid"  # reserved for names that never exist (RFC 2606): nothing can be delivered there
SILENT = "timeout"  # the code of a delivery that is unknown because nobody answered
SHORT = 12  # characters of a message id that tell it apart for a reader

Direction = Literal["ltr", "rtl"]


Kind = Literal["outbox", "email", "apprise", "phone", "via_partner"]


class Contact(Value):
    """One way to reach one person, looked up when the message is sent.

    `phone` and `via_partner` are never written to: somebody calls, for `via_partner` the partner `via`.
    `answers_to` is the address of the manager an answer goes to; empty when nobody knows one.
    """

    person: str
    kind: Kind = "outbox"
    address: str = Field(default="", repr=False)  # never in a log or an error
    language: str = "en"
    zone: str = "UTC"
    via: str = ""
    answers_to: str = Field(default="", repr=False)


class Event(Value):
    """What a calendar is told of a session. It discloses neither a topic nor a place nor who else comes.

    `starts` and `ends` are wall times in `zone`; a cancellation of what has no date any more holds none.
    """

    method: Literal["REQUEST", "CANCEL"]
    uid: str
    sequence: int
    stamp: datetime
    zone: str
    starts: datetime | None = None
    ends: datetime | None = None
    language: str
    summary: str
    description: str


class Message(Value):
    """One message in the words of its reader. It names nobody: ids and dates only.

    `message_id` follows from what is said to whom, so that the same notice is the same message for ever.
    `at` is when it was due, in the reader's zone.
    """

    message_id: str
    person: str
    ask: str
    at: datetime
    language: str
    direction: Direction
    subject: str
    text: str
    html: str
    sensitivity: str
    headers: dict[str, str] = Field(default_factory=dict)
    event: Event | None = None
    about: dict[str, str] = Field(default_factory=dict)

    @property
    def short_id(self) -> str:
        return self.message_id[:SHORT]


class Delivery(Value):
    """What a channel says of one message. `unknown`: perhaps it arrived, perhaps not; it is not sent again."""

    status: Literal["sent", "rejected", "unknown", "suppressed"]
    channel: str
    code: str = ""


class NotNow(Exception):
    """The message was surely not sent; the same one may be tried later. Says why, in a plain sentence.

    `whole`: the channel itself is away, so that trying other messages now is pointless, too.
    """

    def __init__(self, why: str, whole: bool = True) -> None:
        super().__init__(why)
        self.whole = whole


class Channel(Protocol):
    """One way out. `repeatable`: the same message may be written again, and is still there once."""

    @property
    def name(self) -> str: ...

    @property
    def repeatable(self) -> bool: ...

    async def send(self, contact: Contact, message: Message) -> Delivery:
        """Send one message to one person. Raises: NotNow."""
        ...


def message_id(*notices: Notice, domain: str = DOMAIN, way: int = 0) -> str:
    """Return the id of the message of a notice, or of several that go together: always the same one.

    Nobody can read from it what it is about. `way`: how many ways have failed before; what goes by another way is
    another message.
    """
    return f"{id_of(notices)}{f'.{way}' if way else ''}@{domain}"


def at_domain(id: str, domain: str) -> str:
    """Return a message id under the sender's own domain; what stands before the @ stays."""
    return f"{id.partition('@')[0]}@{domain}"
