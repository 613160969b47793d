"""One mail to one person: the words as text and as a page, and the event for their calendar."""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

from channels.invitation import as_calendar
from channels.message import Contact, Message, at_domain

AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
LEAVE, LEAVE_AT_ONCE = "List-Unsubscribe", "List-Unsubscribe-Post"
ATTACHED = "invite.ics"
NOT_PLAIN = re.compile(r"[^\x21-\x7e]")


def letter(contact: Contact, message: Message, sender: str, domain: str = "", reply_to: str = "") -> EmailMessage:
    """Return the mail. Answers go to the manager; else to `reply_to`; else to the sender.

    Raises: ValueError, MessageError, IndexError for an address that is none.
    """
    if NOT_PLAIN.search(contact.address):
        raise ValueError("an address that needs SMTPUTF8 or holds a line break")
    us = Address(addr_spec=sender)
    mail = EmailMessage(policy=SMTP_POLICY)
    mail["From"], mail["To"], mail["Subject"] = us, Address(addr_spec=contact.address), message.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{at_domain(message.message_id, domain or us.domain)}>"
    answers = _answers(contact) or reply_to
    if answers:
        mail["Reply-To"] = Address(addr_spec=answers)
    for name, value in {**AUTOMATIC, **_way_out(message, answers or sender), **message.headers}.items():
        mail[name] = value
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    if message.event is not None:
        _invite(mail, as_calendar(message.event, answers or sender, contact.address), message.event.method)
    mail["Content-Language"] = message.language  # last: with each part that is added it would move into the first
    return mail


def _answers(contact: Contact) -> str:
    """Return the manager's address; a manager whose address can't be written keeps nobody's message back."""
    return "" if NOT_PLAIN.search(contact.answers_to) else contact.answers_to


def _way_out(message: Message, manager: str) -> dict[str, str]:
    """Return how to be written to no more: by a mail to the manager. One click is for a link that takes a POST."""
    given = message.headers.get(LEAVE, f"<mailto:{manager}?subject=unsubscribe>")
    return {LEAVE: given} | ({LEAVE_AT_ONCE: "List-Unsubscribe=One-Click"} if "<https://" in given else {})


def _invite(mail: EmailMessage, calendar: str, method: str) -> None:
    """Add the event twice: as the last alternative, which is shown as an invitation, and as a file, for the others."""
    mail.add_alternative(calendar, subtype="calendar", params={"method": method}, cte="base64")
    mail.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename=ATTACHED)
