"""Trial balloons: floated, taken well or not, and gone without a trace to whoever had the idea (A73)."""

from written import TEXT, drafted, rungs, writing


def test_reactions_are_collected_until_every_party_has_shown_one() -> None:
    life = writing().report("balloon_floated", balloon="B1", text=TEXT)
    assert "collect_reactions:B1" in life.owed()
    life.report("balloon_reaction_recorded", balloon="B1", party="IQ", reaction="cautious")
    assert "collect_reactions:B1" in life.owed()
    life.report("balloon_reaction_recorded", balloon="B1", party="TR", reaction="welcome")

    assert "collect_reactions:B1" not in life.owed()
    assert life.now.balloons["B1"].reactions == {"IQ": "cautious", "TR": "welcome"}
    life.refused("report.invalid", "balloon_reaction_recorded", balloon="B1", party="TR", reaction="angry")
    life.refused(
        "recommendations.known-party",
        "balloon_reaction_recorded",
        balloon="B1",
        party="X",
        reaction="cautious",
    )


def test_the_rapporteur_is_asked_for_reactions_else_the_manager() -> None:
    life = writing().report("balloon_floated", balloon="B1")
    assert rungs(life.pass_days(6), "collect")[0] == ("collect_reactions:B1", 0, "p-01")
    life = writing(roles={"manager": "p-01", "rapporteur": "p-30"}).report("balloon_floated", balloon="B1")
    assert rungs(life.pass_days(6), "collect")[0] == ("collect_reactions:B1", 0, "p-30")


def test_no_author_stands_anywhere_in_the_record() -> None:
    life = writing()
    life.refused("balloons.no-trace", "balloon_floated", balloon="B1", by="participant:p-21")
    life.refused("balloons.no-trace", "balloon_floated", balloon="B1", by="script:p-21")
    life.refused("report.invalid", "balloon_floated", balloon="B1", author="p-21")
    first = len(life.entries)
    life.report("balloon_floated", balloon="B1", by="rapporteur:p-30")
    life.report("balloon_withdrawn", balloon="B1", by="rapporteur:p-30")

    assert not any("p-2" in entry.model_dump_json() for entry in life.entries[first:])
    assert "collect_reactions:B1" not in life.owed()


def test_a_balloon_that_came_down_stays_down_and_its_id_is_used_once() -> None:
    life = writing().report("balloon_floated", balloon="B1").report("balloon_withdrawn", balloon="B1")
    life.refused("balloons.in-the-air", "balloon_reaction_recorded", balloon="B1", party="IQ", reaction="welcome")
    life.refused("balloons.in-the-air", "balloon_withdrawn", balloon="B1")
    life.refused("balloons.new-id", "balloon_floated", balloon="B1")
    life.refused("report.unknown-id", "balloon_withdrawn", balloon="B9")


def test_a_balloon_becomes_a_recommendation_with_the_authors_who_drafted_that() -> None:
    life = drafted().report("balloon_floated", balloon="B1")
    life.report("balloon_became_recommendation", balloon="B1", recommendation="R1")

    assert life.now.balloons["B1"].became == "R1"
    assert life.now.recommendations["R1"].came_from == ("B1",)
    assert "collect_reactions:B1" not in life.owed()
