"""Whatever is asked, of whomever: a message to a person has exactly one link when there is a page to answer on."""

import re
import sys
from itertools import cycle
from pathlib import Path

import pytest

from domain.answers import ALWAYS, ANSWERS
from domain.digest import ALONE
from domain.vocabulary import Act, Sensitivity

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "channels"))
from asks_in_domain import asks
from delivery_house import ORDER, House, Spy
from test_deliver import house, template

__all__ = ["house", "template"]
ACTS = (Act.REMIND, Act.ESCALATE, Act.TELL, Act.EXPIRE)
LINK = re.compile(r"https://answers\.example\.org/a/(\w{52})")


@pytest.mark.parametrize("sensitivity", [Sensitivity.OPEN, Sensitivity.QUIET])
async def test_every_ask_of_the_domain_comes_with_one_link_of_its_own(house: House, sensitivity: Sensitivity) -> None:
    house.link_to("https://answers.example.org/a")
    house.person("p-41", email="p-41@canary.example")
    for ask, act in zip(sorted(asks()), cycle(ACTS), strict=False):
        fields = {"ask": ask, "act": act, "obligation": f"{ask}:S1:1", "sensitivity": sensitivity}
        house.wait("p-41", **fields, about={ALONE: "yes", "session": "S1", "manager": "p-01"})
    mail = Spy()
    receipts = await house.deliver(mail)

    assert len(receipts) == len(mail.messages) == len(asks()) > 80
    found = [LINK.findall(message.text) for message in mail.messages]
    assert {len(links) for links in found} == {1}
    assert len({links[0] for links in found}) == len(asks()), "each is a link of its own"
    assert all(message.html.count("href=") == 1 for message in mail.messages)
    assert all(links[0] in message.html for links, message in zip(found, mail.messages, strict=True))


async def test_a_vetter_and_a_partner_can_change_their_language_or_stop_by_it(house: House) -> None:
    house.link_to("https://answers.example.org/a")
    for ask in ("review_nominee", "sign_mou"):
        assert ask not in ANSWERS
        house.wait("p-41", ask=ask, obligation=f"{ask}:1", about={ALONE: "yes"})
    await house.deliver()

    tokens = [token for file in house.files for token in LINK.findall(file.read_text())]
    bound = [house.answer_links.find(token) for token in tokens]
    assert {(one.initiative, one.person, one.verbs) for one in bound if one} == {
        (ORDER.initiative, "p-41", tuple(ALWAYS))
    }
    assert len(bound) == 2
