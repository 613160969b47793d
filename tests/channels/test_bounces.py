"""Bounces as mail servers write them: what came back, whether for good, and nothing read into other mail."""

import pytest

from channels.bounces import Bounce, read_bounce

ID = "0123456789abcdef0123456789abcdef@example.org"

REPORT = """\
From: MAILER-DAEMON@mx.example.net
To: dialogues@example.org
Subject: Undelivered Mail Returned to Sender
{headers}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system. <reader@example.net>: user unknown. 5.9.9
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Tue, 31 Mar 2026 09:00:00 +0300

{recipients}
--b
{returned}
--b--
"""

WHOLE = f"""\
Content-Type: message/rfc822

From: dialogues@example.org
To: reader@example.net
Message-ID: <{ID}>
Subject: A message for you

Good day,"""

HEADERS_ONLY = f"""\
Content-Type: text/rfc822-headers

From: dialogues@example.org
Message-ID:
 <{ID}>
Subject: A message for you
"""

NOTHING = "Content-Type: text/plain\n\nNothing is returned."


def recipient(action: str = "failed", status: str = "5.1.1", more: str = "") -> str:
    return f"Final-Recipient: rfc822; reader@example.net\nAction: {action}\nStatus: {status}\n{more}"


def report(recipients: str, returned: str = WHOLE, headers: str = "") -> bytes:
    made = REPORT.format(recipients=recipients, returned=returned, headers=headers)
    return made.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("returned", [WHOLE, HEADERS_ONLY], ids=["whole", "headers"])
def test_an_address_nobody_has_is_a_bounce_for_good(returned: str) -> None:
    assert read_bounce(report(recipient(), returned)) == Bounce(ID, permanent=True, code="5.1.1")


def test_a_mail_that_still_waits_is_not_for_good() -> None:
    found = read_bounce(report(recipient("delayed", "4.4.1 (host unreachable)")))
    assert found == Bounce(ID, permanent=False, code="4.4.1", given_up=False)


def test_a_mail_given_up_because_nobody_could_be_reached_says_nothing_against_the_address() -> None:
    assert read_bounce(report(recipient("failed", "4.4.7"))) == Bounce(ID, permanent=False, code="4.4.7")


def test_the_far_servers_own_code_is_taken_where_the_report_has_none() -> None:
    given = "Action: Failed\nDiagnostic-Code: smtp; 550 5.2.1 mailbox disabled"
    assert read_bounce(report(given)) == Bounce(ID, permanent=True, code="5.2.1")
    assert read_bounce(report("Action: failed")) == Bounce(ID, permanent=True, code="5.0.0")


def test_of_several_recipients_the_one_given_up_counts() -> None:
    both = recipient("delivered", "2.0.0") + "\n" + recipient("failed", "5.7.1")
    assert read_bounce(report(both)) == Bounce(ID, permanent=True, code="5.7.1")


def test_a_report_that_returns_nothing_is_found_by_what_it_answers_to() -> None:
    found = read_bounce(report(recipient(), NOTHING, headers=f"References: <older@x> <{ID}>\n"))
    assert found == Bounce(ID, permanent=True, code="5.1.1")


def test_a_report_on_a_mail_it_does_not_name_is_nothing() -> None:
    assert read_bounce(report(recipient(), NOTHING)) is None


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_receipt_is_no_bounce(action: str) -> None:
    assert read_bounce(report(recipient(action, "2.0.0"))) is None


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: I am on holiday\r\nAuto-Submitted: auto-replied\r\n\r\n550 5.1.1",
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b--",
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno boundary",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\n\xff\r\n--b--",
    ],
)
def test_any_other_mail_is_nothing_and_no_error(given: bytes) -> None:
    assert read_bounce(given) is None


def test_a_report_in_another_alphabet_is_read_alike() -> None:
    arabic = report(recipient()).replace(b"user unknown", "المستخدم غير معروف".encode())
    assert read_bounce(arabic) == Bounce(ID, permanent=True, code="5.1.1")
