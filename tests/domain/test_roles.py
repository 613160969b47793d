"""Roles: what is owed follows the role, and somebody always owns it."""

from life import Life
from written import TEXT, rungs

from domain.vocabulary import Role


def test_a_role_is_handed_over_the_new_one_is_told_and_a_note_is_owed() -> None:
    life = Life().report("role_handed_over", role="manager", to="p-06")
    at = life.at.strftime("%Y%m%dT%H%M%S")

    assert life.now.former_roles == ((Role.MANAGER, "p-01", life.at),)
    assert f"file_handover_note:manager:{at}" in life.owed()
    assert rungs(life.pass_days(1), "role_taken_over") == [(f"role_taken_over:manager:{at}:p-06", 0, "p-06")]
    life.report("handover_note_filed", role="manager", note=TEXT)
    assert f"file_handover_note:manager:{at}" not in life.owed()


def test_what_a_role_owes_is_owed_by_the_new_one() -> None:
    life = Life().report("stall_declared", reason=True).report("role_handed_over", role="manager", to="p-06")

    assert rungs(life.pass_days(32), "keep_warm") == [("keep_warm:1:0", 0, "p-06")]


def test_a_former_holder_may_come_back() -> None:
    life = Life().report("role_handed_over", role="manager", to="p-06")
    life.refused("roles.already", "role_handed_over", role="manager", to="p-06")
    life.pass_days(1)
    life.report("role_handed_over", role="manager", to="p-01")

    assert life.now.roles[Role.MANAGER] == "p-01"


def test_a_vacant_manager_falls_to_the_deputy_then_the_director_e3_25() -> None:
    life = Life().report("role_left", role="manager")
    assert life.now.holder(Role.MANAGER) == "p-02"
    assert [rung[2] for rung in rungs(life.pass_days(5), "fill_role")] == ["p-03"]
    life.report("role_left", role="deputy")
    assert life.now.holder(Role.MANAGER) == "p-03"
    life.refused("roles.somebody-stays", "role_left", role="director")
    life.refused("roles.vacant", "role_left", role="manager")
    life.report("role_handed_over", role="manager", to="p-06")
    assert not [i for i in life.owed() if i.startswith("fill_role:manager")]


def test_a_facilitator_changes_in_a_way_of_their_own_e3_14() -> None:
    life = Life().refused("roles.facilitator", "role_handed_over", role="facilitator", to="p-09")
    life.refused("roles.facilitator", "role_left", role="facilitator")


def test_contacts_and_notes_are_taken_at_any_time_also_in_a_stall_a48() -> None:
    life = Life().refused("roles.contact-with", "contact_logged")
    life.refused("report.unknown-id", "contact_logged", partner="P9")
    life.report("stall_declared", reason=True)
    life.report("contact_logged", person="p-21", note=TEXT).report("note_added", note=TEXT, about="P1")

    assert life.kinds()[-2:] == ["contact_logged", "note_added"]
