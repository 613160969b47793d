"""One mail to one person: the words as text and as a page, and the event for their calendar.

It is put together by hand: byte by byte the same each time, and several times faster than with `EmailMessage`, which
parses every header it is given.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime

from channels.invitation import as_calendar
from channels.message import Contact, Message, at_domain

# No absence notes and receipts, please. A report that a mail did not arrive is welcome, so not "All".
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply"}
LEAVE, LEAVE_AT_ONCE = "List-Unsubscribe", "List-Unsubscribe-Post"
ATTACHED = "invite.ics"
PLAIN = re.compile(r"[\x21-\x7e]+")
HEADER = re.compile(r"[\x20-\x7e]*")


def letter(contact: Contact, message: Message, sender: str, domain: str = "", reply_to: str = "") -> bytes:
    """Return the mail as it goes over the line. Answers go to the manager; else to `reply_to`; else to the sender.

    Raises: ValueError, MessageError, IndexError for an address that is none.
    """
    answers = _answers(contact) or reply_to
    id = at_domain(message.message_id, domain or Address(addr_spec=sender).domain)
    headers = {
        "From": _address(sender),
        "To": _address(contact.address),
        "Subject": _words(message.subject),
        "Date": format_datetime(message.at),
        "Message-ID": f"<{id}>",
        "Content-Language": message.language,
        **({"Reply-To": _address(answers)} if answers else {}),
        **AUTOMATIC,
        **_way_out(message, answers or sender),
        **message.headers,
        "MIME-Version": "1.0",
    }
    if bad := [name for name, value in headers.items() if not HEADER.fullmatch(value.replace("\r\n ", " "))]:
        raise ValueError(f"the header {bad[0]} holds a line break or what is not ASCII")
    return _head(headers) + _body(message, organizer=answers or sender, attendee=contact.address)


def _address(given: str) -> str:
    """Return an address as a header takes it. Raises: ValueError, MessageError, IndexError."""
    if not PLAIN.fullmatch(given):
        raise ValueError("an address that is empty, needs SMTPUTF8 or holds a line break")
    return str(Address(addr_spec=given))


def _answers(contact: Contact) -> str:
    """Return the manager's address; a manager whose address can't be written keeps nobody's message back."""
    return contact.answers_to if PLAIN.fullmatch(contact.answers_to) else ""


def _way_out(message: Message, manager: str) -> dict[str, str]:
    """Return how to be written to no more: by a mail to the manager, who reports it (`jisr people stop`).

    One click (RFC 8058) needs a page that acts on a POST. That page comes with the console; until then one click is not
    promised. The link in the text is no such page: mail programs open links by themselves, and opening never acts.
    """
    given = message.headers.get(LEAVE, f"<mailto:{manager}?subject=unsubscribe>")
    return {LEAVE: given} | ({LEAVE_AT_ONCE: "List-Unsubscribe=One-Click"} if "<https://" in given else {})


def _words(given: str) -> str:
    """Return words of any alphabet as a header takes them."""
    plain = " ".join(given.split())
    return plain if plain.isascii() else Header(plain, "utf-8", header_name="Subject").encode(linesep="\r\n")


# --- parts --------------------------------------------------------------------------------------------------
def _body(message: Message, organizer: str, attendee: str) -> bytes:
    """Return text and page; with an event also that, twice: shown as an invitation, and as a file for the others."""
    words = [_text("plain", message.text), _text("html", message.html)]
    if message.event is None:
        return _together("alternative", message, words)
    calendar = as_calendar(message.event, organizer, attendee)
    words.append(_text("calendar", calendar, f"; method={message.event.method}"))
    file = _part("application/ics", encodebytes(calendar.encode()), "base64", f'attachment; filename="{ATTACHED}"')
    return _together("mixed", message, [_together("alternative", message, words), file])


def _text(kind: str, given: str, more: str = "") -> bytes:
    """Return a part of text: legible as it is where it can be."""
    body = "\n".join([*given.splitlines(), ""]).encode()
    content = f'text/{kind}; charset="utf-8"{more}'
    if body.isascii():
        return _part(content, b2a_qp(body, istext=True), "quoted-printable")
    return _part(content, encodebytes(body.replace(b"\n", b"\r\n")), "base64")


def _part(content: str, body: bytes, encoding: str, disposition: str = "") -> bytes:
    headers = {"Content-Type": content, "Content-Transfer-Encoding": encoding}
    headers |= {"Content-Disposition": disposition} if disposition else {}
    return _head(headers) + b"\r\n" + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _together(kind: str, message: Message, parts: list[bytes]) -> bytes:
    """Return parts as one. What stands between them follows from the message id and is in no encoded text."""
    between = f"=_{kind}_{message.short_id}"
    lines = b"".join(f"--{between}\r\n".encode() + part + b"\r\n" for part in parts)
    head = _head({"Content-Type": f'multipart/{kind}; boundary="{between}"'})
    return head + b"\r\n" + lines + f"--{between}--\r\n".encode()


def _head(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
