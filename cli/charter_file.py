"""Read a charter file: YAML or JSON, small, without the traps YAML is known for."""

import json
import re
from typing import Any

import yaml

from cli import doors
from errors import InvalidInput

EXAMPLE = "See examples/clear_channels/charter.yaml for one that works."


class _Loader(yaml.SafeLoader):
    """Only `true` and `false` are yes and no (so NO stays Norway); a name stands once; no part points to another."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":merge"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise InvalidInput(f"A charter cannot point to another part of itself (*). Write it out. {EXAMPLE}")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        names = [key.value for key, _ in node.value]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            line = node.start_mark.line + 1
            raise InvalidInput(f"{str(twice)[:40]} stands twice in the table that begins in line {line}.")
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read_charter_file(name: str) -> dict[str, Any]:
    """Return the table in a file (`-`: stdin). Raises: InvalidInput, with one clear message."""
    text = doors.read_input(name)
    try:
        found = json.loads(text) if text.lstrip()[:1] == "{" else yaml.load(text, _Loader)
    except RecursionError:
        raise InvalidInput(f"{name} is nested too deeply to be a charter. {EXAMPLE}") from None
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidInput(f"{name} is not YAML{line}: {error.problem}. {EXAMPLE}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInput(f"{name} is neither YAML nor JSON: {str(error).splitlines()[0]}. {EXAMPLE}") from None
    if not isinstance(found, dict):
        raise InvalidInput(f"{name} is no table of fields. {EXAMPLE}")
    return found
