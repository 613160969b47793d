"""docs/commands.md: every verb of `jisr` with its arguments and options, read from the command line itself."""

import importlib.util
from collections.abc import Iterator
from functools import cache
from typing import Any

from docs.generators.words import table


def page() -> str:
    return "\n".join(
        [
            "# Commands",
            "",
            "Data goes to stdout, words for people to stderr. Every verb takes `--help`.",
            "",
            *_sections(),
        ]
    )


def _sections() -> Iterator[str]:
    if not verbs():
        yield "The command line is not part of this checkout.\n"
        return
    for name, one in verbs().items():
        yield f"## {name}"
        yield ""
        yield (one.help or "").strip()
        yield ""
        yield table(("argument or option", "what it does"), [_row(param) for param in one.params if _is_shown(param)])
    from cli.main import EPILOG  # noqa: PLC0415  only where there is a command line

    yield f"## Exit codes\n\n{EPILOG.removeprefix('Exit codes: ')}\n"


@cache
def verbs() -> dict[str, Any]:
    """Return each verb as it is typed (`jisr audit verify`) with its command; nothing where there are none."""
    if importlib.util.find_spec("cli.main") is None:
        return {}
    from typer.main import get_command  # noqa: PLC0415  only where there is a command line

    from cli.main import make_app  # noqa: PLC0415

    return dict(_below("jisr", get_command(make_app())))


def options(command: Any) -> set[str]:
    """Return every option a command takes."""
    every = {name for param in command.params for name in (*param.opts, *param.secondary_opts) if name.startswith("-")}
    return every | {"--help", "-h"}


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for word, one in command.commands.items():
            yield from _below(f"{name} {word}", one)
    else:
        yield name, command


def _is_shown(param: Any) -> bool:
    return not getattr(param, "hidden", False) and "--help" not in param.opts


def _row(param: Any) -> tuple[str, str]:
    said = getattr(param, "help", "") or ""
    if param.param_type_name == "argument":
        metavar = param.metavar or param.human_readable_name.upper()
        return f"`{metavar}`", said
    takes = "" if param.is_flag else f" {param.metavar or _kind(param)}"
    return f"`{', '.join((*param.opts, *param.secondary_opts))}{takes}`", said


def _kind(param: Any) -> str:
    """Return what an option takes when it does not say so itself: INT, FLOAT, TEXT."""
    name = str(getattr(param.type_descriptor.annotation, "__name__", "text"))
    return {"str": "TEXT"}.get(name, name.upper())
