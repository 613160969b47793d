"""Invitations: only the cleared are asked, silence expires, consent is a ledger, nobody is chased who must not be."""

from roster import LEAD, OFFICIAL, decided, invited, nominate, rungs, seated, standing, vetting


def test_only_the_cleared_are_invited() -> None:
    life = decided(nominate(vetting(), "p-20"), "p-21", "reserve")
    for person in ("p-20", "p-21"):
        life.refused("invitations.cleared-only", "invitation_sent", person=person)
    life.refused("report.unknown-id", "invitation_sent", person="p-99")


def test_an_invitation_is_sent_once_until_it_is_answered() -> None:
    invited(vetting(), "p-20").refused("invitations.cleared-only", "invitation_sent", person="p-20")


def test_nobody_is_invited_on_an_old_vetting() -> None:
    life = decided(vetting(), "p-20")
    life.pass_days(370)
    life.refused("vetting.expired", "invitation_sent", person="p-20")
    life.report("vetting_renewed", person="p-20", by=LEAD).report("invitation_sent", person="p-20")


def test_nobody_is_invited_to_a_full_table() -> None:
    life = vetting(seats=2)
    decided(invited(invited(life, "p-20"), "p-21"), "p-22")
    life.refused("composition.seats", "invitation_sent", person="p-22")
    life.report("invitation_answered", person="p-20", answer="declined")
    life.report("invitation_sent", person="p-22")


def test_an_unanswered_invitation_is_chased_expires_and_frees_the_seat() -> None:
    life = invited(vetting(), "p-20")
    said = rungs(life, 40, "p-20")

    assert [rung for ask, rung, _ in said if ask == "answer_invitation"][:2] == [0, 1]
    assert "invitation_expired" in life.kinds()
    assert standing(life, "p-20") == "expired"
    assert life.now.roster == ()


def test_a_second_invitation_is_chased_from_the_first_rung_again() -> None:
    life = invited(vetting(), "p-20")
    life.pass_days(40)
    life.report("invitation_sent", person="p-20")

    assert "answer_invitation:p-20:2" in life.owed()
    assert ("answer_invitation", 0, "p-20") in rungs(life, 10, "p-20")


def test_a_late_yes_counts_while_there_is_a_seat() -> None:
    life = vetting(seats=2)
    invited(invited(life, "p-20"), "p-21").pass_days(40)
    life.report("invitation_answered", person="p-20", answer="accepted", on_behalf_of_person=True)
    invited(life, "p-22")
    life.refused("composition.seats", "invitation_answered", person="p-21", answer="accepted")

    assert standing(life, "p-20") == "accepted"


def test_only_the_invited_answer_and_another_date_puts_them_back() -> None:
    life = decided(vetting(), "p-20")
    life.refused("invitations.invited-only", "invitation_answered", person="p-20", answer="accepted")
    life.report("invitation_sent", person="p-20")
    life.report("invitation_answered", person="p-20", answer="another_date")

    assert standing(life, "p-20") == "cleared"
    life.refused("invitations.invited-only", "invitation_answered", person="p-20", answer="declined")


def test_joining_asks_for_consent_ground_rules_and_an_officials_personal_capacity() -> None:
    life = invited(vetting(), "p-20", **OFFICIAL)
    life.report("invitation_answered", person="p-20", answer="accepted")
    asks = {one.split(":")[0] for one in life.owed() if "p-20" in one}
    assert asks == {"give_consent", "accept_terms", "attest_personal_capacity"}

    life.report("consent_given", person="p-20", scopes="participate,store").report("terms_accepted", person="p-20")
    life.refused("people.dated-ahead", "personal_capacity_attested", person="p-20", on="2026-05-01")
    life.report("personal_capacity_attested", person="p-20", on="2026-03-01")
    assert not {one for one in life.owed() if "p-20" in one}


def test_a_non_official_is_not_asked_to_attest() -> None:
    life = invited(vetting(), "p-20").report("invitation_answered", person="p-20", answer="accepted")

    assert not {one for one in life.owed() if one.startswith("attest")}


def test_missing_consent_is_chased_then_told_to_the_manager() -> None:
    life = invited(vetting(), "p-20").report("invitation_answered", person="p-20", answer="accepted")

    said = [one for one in rungs(life, 40) if one[0] == "give_consent"]
    assert said == [("give_consent", 0, "p-20"), ("give_consent", 1, "p-20"), ("give_consent", 2, "p-01")]


def test_e3_12_consent_to_store_withdrawn_keeps_the_seat_and_has_the_data_removed() -> None:
    life = seated(vetting(), "p-20").report("consent_withdrawn", person="p-20", scopes=["store"])

    assert standing(life, "p-20") == "accepted"
    assert "remove_stored_data:p-20:2026-03-01" in life.owed()
    life.report("stored_data_removed", person="p-20")
    assert not {one for one in life.owed() if one.startswith("remove_stored")}
    life.refused("invitations.stored-data", "stored_data_removed", person="p-20")


def test_e3_12_consent_to_take_part_withdrawn_frees_the_seat_and_keeps_the_data() -> None:
    life = seated(vetting(), "p-20").report("consent_withdrawn", person="p-20", scopes=["participate"])

    assert standing(life, "p-20") == "withdrew"
    assert life.now.participants["p-20"].consents_to("store")
    assert not {one for one in life.owed() if "p-20" in one}
    life.refused("invitations.consent-withdrawn", "consent_withdrawn", person="p-20", scopes=["participate"])


def test_a_consent_nobody_asked_for_can_be_refused_beforehand() -> None:
    life = seated(vetting(), "p-20").report("consent_withdrawn", person="p-20", scopes=["photograph"])

    assert not life.now.participants["p-20"].consents_to("photograph")


def test_who_asked_for_silence_is_neither_invited_nor_chased_nor_expired() -> None:
    life = invited(decided(vetting(), "p-21"), "p-20")
    for person in ("p-20", "p-21"):
        life.report("do_not_contact_asked", person=person)
    life.refused("invitations.may-be-written-to", "invitation_sent", person="p-21")

    assert rungs(life, 60, "p-20") == []
    assert standing(life, "p-20") == "invited"


def test_language_emergency_contact_and_training_are_kept_with_the_person() -> None:
    life = seated(vetting(), "p-20").report("language_chosen", person="p-20", language="ckb")
    life.report("emergency_contact_recorded", person="p-20")
    life.report("capacity_building_held", activity="briefing-1", persons="p-20")

    p = life.now.participants["p-20"]
    assert (life.now.person("p-20").language, p.activities) == ("ckb", ("briefing-1",))
    assert p.emergency_contact_at is not None
