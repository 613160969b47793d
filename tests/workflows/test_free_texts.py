"""What a person writes in a milestone is found by its type: none of it may travel."""

from desk import free_texts
from domain.record import MILESTONES


def test_the_free_texts_of_every_milestone_are_those_its_schema_shows() -> None:
    found = {kind: free_texts(kind) for kind in MILESTONES}
    shown = {
        kind: tuple(name for name, part in schema.get("properties", {}).items() if "x-free-text" in str(part))
        for kind, schema in ((kind, milestone.model_json_schema()) for kind, milestone in MILESTONES.items())
    }

    assert found == shown
    assert sum(map(len, found.values())) > 50
