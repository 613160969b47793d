"""Lineage: merged, split and passed on, a recommendation tells where it came from (A9, A10, E3.20)."""

from written import cleared, drafted, states, submitted, writing


def test_merging_with_changed_text_asks_everybody_again_e3_20() -> None:
    life = cleared("R2", cleared("R1"), authors=["p-23", "p-24"])
    life.report("recommendation_merged", into="R3", sources=["R1", "R2"])

    merged = life.now.recommendations["R3"]
    assert merged.came_from == ("R1", "R2")
    assert set(merged.authors) == {"p-21", "p-22", "p-23", "p-24"}
    assert {i for i in life.owed() if i.startswith("clear_wording:R3")} == {
        f"clear_wording:R3:1:p-2{n}" for n in (1, 2, 3, 4)
    }
    assert life.now.recommendations["R1"].merged_into == "R3"
    life.refused("recommendations.living", "wording_cleared", recommendation="R1", person="p-21")


def test_merging_word_for_word_keeps_what_was_cleared_e3_20() -> None:
    life = drafted("R2", cleared("R1"), authors=["p-23"])
    life.report("recommendation_merged", into="R1", sources=["R2"], text_changed=False)

    assert life.now.recommendations["R1"].version == 2
    assert {i for i in life.owed() if i.startswith("clear_wording")} == {"clear_wording:R1:2:p-23"}
    life.report("wording_cleared", recommendation="R1", person="p-23")
    assert states(life)[-1] == "cleared"


def test_a_merger_brings_at_least_two_together() -> None:
    life = drafted()
    life.refused("lineage.two-meet", "recommendation_merged", into="R9", sources=["R1"])
    life.refused("lineage.two-meet", "recommendation_merged", into="R1", sources=["R1"])
    life.refused("report.unknown-id", "recommendation_merged", into="R9", sources=["R1", "R7"])


def test_splitting_resets_clearances_only_where_the_text_changed_e3_20() -> None:
    life = cleared().report("recommendation_split", source="R1", into=["R1a", "R1b"], unchanged=["R1a"])

    assert life.now.recommendations["R1"].split_into == ("R1a", "R1b")
    assert {r.came_from for r in life.now.recommendations.values() if r.living} == {("R1",)}
    assert states(life, "R1a") == ["draft", "cleared"]
    assert states(life, "R1b") == ["draft"]
    assert {i for i in life.owed() if i.startswith("clear_wording")} == {
        "clear_wording:R1b:1:p-21", "clear_wording:R1b:1:p-22",
    }  # fmt: skip


def test_a_split_makes_new_recommendations_and_at_least_two() -> None:
    life = drafted("R2", drafted("R1"))
    life.refused("lineage.parts", "recommendation_split", source="R1", into=["R1a"])
    life.refused("lineage.parts", "recommendation_split", source="R1", into=["R1a", "R1b"], unchanged=["R2"])
    life.refused("recommendations.new-id", "recommendation_split", source="R1", into=["R1a", "R2"])


def test_what_went_to_track_1_is_neither_merged_nor_split() -> None:
    life = drafted("R2", submitted())
    life.refused("recommendations.not-submitted", "recommendation_split", source="R1", into=["a", "b"])
    life.refused("recommendations.not-submitted", "recommendation_merged", into="R2", sources=["R1"])


def test_a_recommendation_is_passed_on_only_along_a_link_that_leads_onward_a9() -> None:
    life = cleared()
    passed = {"recommendation": "R1", "to_initiative": "ini-child"}
    life.refused("lineage.linked-onward", "recommendation_passed_on", **passed)
    life.report("initiative_linked", initiative="ini-child", relation="feeder")
    life.refused("lineage.linked-onward", "recommendation_passed_on", **passed)
    life.report("initiative_linked", initiative="ini-child", relation="target")
    life.report("recommendation_passed_on", **passed).report("recommendation_passed_on", **passed)

    assert life.now.recommendations["R1"].passed_to == ("ini-child",)
    assert life.now.recommendations["R1"].living, "it goes on here too"


def test_what_is_passed_on_was_cleared_by_its_authors() -> None:
    life = drafted().report("initiative_linked", initiative="ini-child", relation="bridge")
    life.refused("lineage.cleared-first", "recommendation_passed_on", recommendation="R1", to_initiative="ini-child")


def test_a_bridge_takes_over_the_recommendations_of_a_track_2_and_keeps_their_lineage_a10() -> None:
    life = writing()
    taken = {"recommendation": "R1", "from_initiative": "ini-parent", "original": "R7"}
    life.refused("lineage.linked-source", "recommendation_taken_over", **taken)
    life.report("initiative_linked", initiative="ini-parent", relation="feeder")
    life.report("recommendation_taken_over", output="confidence_building_measure", **taken)

    assert life.now.recommendations["R1"].came_from == ("ini-parent/R7",)
    assert "name_authors:R1:1" in life.owed(), "somebody here must stand for it"
    life.refused("recommendations.new-id", "recommendation_taken_over", **taken)
    life.refused("lineage.taken-once", "recommendation_taken_over", **{**taken, "recommendation": "R2"})
    life.report("recommendation_revised", recommendation="R1", authors=["p-21"])
    assert "clear_wording:R1:1:p-21" in life.owed()


def test_lineage_survives_the_end_of_the_link() -> None:
    life = writing().report("initiative_linked", initiative="ini-parent", relation="bridge")
    life.report("recommendation_taken_over", recommendation="R1", from_initiative="ini-parent", original="R7")
    life.report("initiative_unlinked", initiative="ini-parent")

    assert life.now.recommendations["R1"].came_from == ("ini-parent/R7",)
