"""Messages as a browser shows them, one picture a language in `out/messages/`, for a person to look at."""

import shutil
import subprocess
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from activities.links import linked
from channels.catalogue import LANGUAGES
from channels.message import Message
from channels.wording import render, render_together
from domain.outgoing import Notice

CHROMIUM = shutil.which("chromium") or ""
OUT = Path(__file__).parents[2] / "out" / "messages"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--window-size=720,2800", "--virtual-time-budget=4000",
]  # fmt: skip
CASES = (
    ("open", "note_date", "tell", 0),
    ("discreet", "sign_mou", "remind", 1),
    ("restricted", "decide_nominee", "escalate", 2),
    ("quiet", "final_note", "tell", 0),
)
PAGE = "https://answers.example.org/a"
ABOUT = {"session": "S1", "starts": "2026-06-01T10:00", "zone": "Europe/Zurich", "by": "2026-05-20", "owes": "p-42"}

pytestmark = [
    pytest.mark.mail,
    pytest.mark.xdist_group("mail"),
    pytest.mark.skipif(not CHROMIUM, reason="no browser here: apt-get install chromium fonts-noto-core"),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_picture_of_each_language_is_kept(language: str, tmp_path: Path) -> None:
    shown = "".join(framed(case[0], written(language, *case)) for case in CASES)
    shown += framed("several", listed(language))
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{shown}", encoding="utf-8")
    OUT.mkdir(parents=True, exist_ok=True)
    picture = OUT / f"{language}.png"
    picture.unlink(missing_ok=True)
    order = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={picture}", page.as_uri()]
    subprocess.run(order, check=True, capture_output=True, timeout=120)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000  # a page with words on it


def framed(sensitivity: str, message: Message) -> str:
    """Return the message as a mail program shows it: its subject above, its whole page in a frame of its own."""
    return (
        f'<p style="font: 14px sans-serif; background: #ddd; padding: 4px">{sensitivity}: '
        f"<bdi>{escape(message.subject)}</bdi></p>"
        '<iframe style="width: 100%; border: 1px solid #999" '
        "onload=\"this.style.height = contentDocument.documentElement.scrollHeight + 'px'\" "
        f'srcdoc="{escape(message.html)}"></iframe>'
    )


def listed(language: str) -> Message:
    asks = ("sign_mou", "accept_terms", "give_consent")
    notices = [a_notice("open", ask, "remind", 0) for ask in asks]
    return linked(notices, render_together(notices, language, "Asia/Baghdad"), [f"{PAGE}/{ask}" for ask in asks])


def written(language: str, sensitivity: str, ask: str, act: str, rung: int) -> Message:
    notice = a_notice(sensitivity, ask, act, rung)
    return linked([notice], render(notice, language, "Asia/Baghdad"), [f"{PAGE}/{ask}"])


def a_notice(sensitivity: str, ask: str, act: str, rung: int) -> Notice:
    return Notice(
        initiative="ini-7f3a", obligation=f"{ask}:S1:p-41", ask=ask, act=act, rung=rung, recipient="p-41",
        due_at=datetime(2026, 3, 15, 6, 0, tzinfo=UTC), sensitivity=sensitivity, about=ABOUT,
    )  # fmt: skip
