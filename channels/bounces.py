"""Bounces: what a mail server reports back of a mail it took (RFC 3464), hours or days later.

Only what the report says in its fields counts; its prose is not read, and no address is taken out of it.
"""

import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from typing import Any, NamedTuple

ID = re.compile(r"<([^<>@\s]+@[^<>@\s]+)>")
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
GIVEN_UP, PUT_OFF = "failed", "delayed"
# What Python's own parser raises over headers that are cut off or none.
STUMBLES = (LookupError, ValueError, TypeError, AttributeError, RecursionError, MessageError)
NO_CODE = "5.0.0"  # of a report that says "failed" and not why


class Bounce(NamedTuple):
    """A mail that did not arrive. What stands before the @ of its id is the notice's own id.

    `permanent`: the address itself is no good. Else the mail still waits on its way, or was given up after days for
    a reason that may pass: a full mailbox, a country without internet. `given_up`: nobody tries any more.
    """

    message_id: str
    permanent: bool
    code: str
    given_up: bool = True


def read_bounce(given: bytes) -> Bounce | None:
    """Return what a mail reports of one of ours; None for any other mail, a receipt, or a mail it doesn't name."""
    try:
        return _read(given)
    except STUMBLES:
        return None


def _read(given: bytes) -> Bounce | None:
    mail: Any = message_from_bytes(given, policy=default)
    if mail.get_content_type() != "multipart/report" or mail.get_param("report-type") != "delivery-status":
        return None
    parts: list[EmailMessage] = list(mail.iter_parts())
    groups = [
        group for part in parts if part.get_content_type() == "message/delivery-status" for group in _groups(part)
    ]
    told = [(_word(group, "Action").lower(), group) for group in groups if _word(group, "Action")]
    found = next((group for action, group in told if action == GIVEN_UP), None)
    waiting = next((group for action, group in told if action == PUT_OFF), None)
    id = _message_id(mail, parts)
    if id is None or (found is None and waiting is None):
        return None
    if found is None:
        assert waiting is not None
        return Bounce(id, permanent=False, code=_code(waiting) or "4.0.0", given_up=False)
    code = _code(found) or NO_CODE
    return Bounce(id, permanent=code.startswith("5"), code=code)


def _groups(part: EmailMessage) -> list[Message]:
    """Return the groups of fields of a report: one of the mail, one of each recipient."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _word(group: Message, name: str) -> str:
    """Return the first word of a field, or nothing."""
    words = str(group.get(name, "")).split()
    return words[0] if words else ""


def _code(group: Message) -> str:
    """Return the status as three numbers (`5.1.1`): the field's own, else the one in what the far server said."""
    for name in ("Status", "Diagnostic-Code"):
        if found := STATUS.search(str(group.get(name, ""))):
            return ".".join(found.groups())
    return ""


def _message_id(mail: EmailMessage, parts: list[EmailMessage]) -> str | None:
    """Return the id of the mail that came back: from what the report returns of it, else from what it answers to."""
    for part in parts:
        match part.get_content_type():
            case "message/rfc822" | "message/global":
                inner = part.get_payload()
                returned: Any = inner[0] if isinstance(inner, list) and inner else None
            case "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers":
                content = part.get_payload(decode=True)
                returned = message_from_bytes(content, policy=default) if isinstance(content, bytes) else None
            case _:
                continue
        if returned is not None and (found := ID.search(str(returned.get("Message-ID", "")))):
            return found[1]
    for name in ("In-Reply-To", "References"):
        if answered := ID.findall(str(mail.get(name, ""))):
            return str(answered[-1])
    return None
