"""Links: feeder, bridge, target, and companions on side tracks (A9, A10, A13)."""

import pytest
from life import Life
from written import rules_of


@pytest.mark.parametrize("relation", ["feeder", "bridge", "target"])
def test_initiatives_link_as_feeder_bridge_or_target_a9(relation: str) -> None:
    life = Life().report("initiative_linked", initiative="ini-other", relation=relation)

    assert life.now.links["ini-other"].relation == relation
    life.refused("links.once", "initiative_linked", initiative="ini-other", relation=relation)


@pytest.mark.parametrize("track", ["3", "4", "5", "6", "7"])
def test_side_initiatives_are_on_tracks_3_to_7_a13(track: str) -> None:
    life = Life().report("initiative_linked", initiative="ini-side", relation="side", track=track)

    assert life.now.links["ini-side"].track == track


@pytest.mark.parametrize("track", ["1", "1.5", "2", None])
def test_other_tracks_are_no_side_tracks_a13(track: str | None) -> None:
    given = {} if track is None else {"track": track}
    Life().refused("links.side-track", "initiative_linked", initiative="ini-x", relation="side", **given)


def test_an_initiative_is_not_linked_to_itself_and_a_link_can_end() -> None:
    life = Life().refused("links.not-itself", "initiative_linked", initiative="ini-test", relation="feeder")
    life.refused("links.not-linked", "initiative_unlinked", initiative="ini-other")
    life.report("initiative_linked", initiative="ini-other", relation="feeder")
    life.report("initiative_unlinked", initiative="ini-other")

    assert life.now.links == {}


def test_the_catalogue_shows_the_rules_of_a_link() -> None:
    assert rules_of("initiative_linked") == {"links.not-itself", "links.once", "links.side-track"}
