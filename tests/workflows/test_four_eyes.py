"""Four eyes through the client: it counts who is signed in, whatever name is typed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from argon2 import PasswordHasher

from client import Jisr
from domain.vocabulary import Status
from errors import Forbidden
from storage import accounts, passwords
from tests.conftest import House
from tests.workflows.watching import charter

SECRET = "seven herons over still water"
REVIEW: dict[str, Any] = {"person": "p-20", "verdict": "approve", "criteria": ["standing"]}
ROLES = {"p-00": "admin", "p-41": "manager", "p-05": "manager", "p-11": "vetter", "p-12": "vetter"}


async def signed_in(house: House, id: str) -> Jisr:
    token = accounts.sign_in(house.database, datetime.now(UTC), id, SECRET).token
    return await Jisr.connect(house.settings, token)


async def test_one_identity_is_never_both_pairs_of_eyes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    monkeypatch.setenv("TEMPORAL_ADDRESS", house.engine.service_client.config.target_host)
    id = f"ini-{house.queue}"
    async with house.worker(), house.client() as inside:
        await inside.open(charter(id=id, vetters=["p-11", "p-12"]))
        for person, role in ROLES.items():
            accounts.add(house.database, "manager:local", datetime.now(UTC), person, role, SECRET)
        manager, lead, first, second = [await signed_in(house, one) for one in ("p-41", "p-05", "p-11", "p-12")]

        # The manager proposes, and the record has the manager's own name.
        begun = await manager.report(id, "stage_begun_early", of="vetting", reason="text:" + "a" * 32)
        assert begun.status is Status.ACCEPTED, begun
        nominee = {"country": "IQ", "party": "IQ", "organisation": "inst-20", "capacity": "non_official"}
        assert (await manager.report(id, "participant_nominated", person="p-20", **nominee)).status is Status.ACCEPTED
        for vetter in ("p-11", "p-12"):
            assert (await manager.report(id, "vetter_assigned", person="p-20", vetter=vetter)).status is Status.ACCEPTED

        # One vetter cannot write the other's review, whatever is typed; the manager writes none.
        assert (await first.report(id, "review_given", vetter="p-11", **REVIEW)).status is Status.ACCEPTED
        for typed in ({}, {"by": "vetter:p-12"}, {"by": "manager:p-41"}):
            with pytest.raises(Forbidden, match=r"access\.own-name"):
                await first.report(id, "review_given", vetter="p-12", **REVIEW, **typed)
        for typed in ({}, {"by": "vetter:p-12"}):
            with pytest.raises(Forbidden, match=r"access\.kind"):
                await manager.report(id, "review_given", vetter="p-12", **REVIEW, **typed)
        [line] = await first.report_many(id, [{"kind": "review_given", "vetter": "p-12", **REVIEW}])
        assert (line.status, line.rule) == (Status.REFUSED, "access.own-name")

        # What a review says is seen by whoever has given one.
        def said(state: dict[str, Any]) -> list[str | None]:
            return [one["verdict"] for one in state["state"]["participants"]["p-20"]["reviews"]]

        assert said(await manager.state(id)) == [None]
        assert said(await second.state(id)) == [None]
        assert said(await first.state(id)) == ["approve"]
        assert (await second.report(id, "review_given", vetter="p-12", **REVIEW)).status is Status.ACCEPTED
        assert said(await second.state(id)) == ["approve", "approve"]

        # Whoever proposed does not decide, under no name; somebody else does.
        decision = {"person": "p-20", "decision": "reserve"}
        with pytest.raises(Forbidden, match=r"access\.own-name"):
            await manager.report(id, "vetting_decided", by="vetting_lead:p-05", **decision)
        assert (await manager.report(id, "vetting_decided", **decision)).rule == "vetting.four-eyes"
        decided = await lead.report(id, "vetting_decided", **decision)
        assert decided.rule != "vetting.four-eyes"

        refused = [(one.by, one.about, one.why) for one in accounts.log(house.database) if one.what == "refused"]
        assert set(refused) == {
            ("vetter:p-11", "client.report", "access.own-name"),
            ("manager:p-41", "client.report", "access.kind"),
            ("manager:p-41", "client.report", "access.own-name"),
        }
        for one in (manager, lead, first, second):
            one.desk.close()
