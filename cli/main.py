"""`jisr`: every command leaves through one way out, with the exit code of the contract."""

import contextlib
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from cli import (
    accounts,
    admission,
    answer,
    audit,
    backup,
    bounces,
    calendars,
    catalogue,
    codec_server,
    doctor,
    import_history,
    initiatives,
    institutions,
    keys,
    messages,
    output,
    people,
    report,
    setup,
    sign_in,
    standing,
    timeline,
    tokens,
    up,
    words,
)
from errors import JisrError

LEAVES_IN = 3.0  # seconds a command gets to end after Ctrl-C
EPILOG = (
    "Exit codes: 0 accepted or duplicate, 2 bad usage or invalid input, 3 a service is not reachable, 4 not found, "
    "5 refused by a rule, 6 does not verify, 7 forbidden, 130 interrupted."
)


def make_app() -> typer.Typer:
    """Return the command line with every noun."""
    app = typer.Typer(
        help="Run the life of dialogue initiatives: open them, report milestones, see what waits on whom.",
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    nouns = (
        initiatives,
        import_history,
        timeline,
        standing,
        report,
        answer,
        audit,
        catalogue,
        people,
        institutions,
        keys,
        messages,
        bounces,
        words,
        calendars,
        up,
        setup,
        backup,
        codec_server,
        doctor,
        accounts,
        tokens,
        sign_in,
    )
    for noun in nouns:
        noun.add_to(app)
    if importlib.util.find_spec("cli.rehearse") is not None:
        importlib.import_module("cli.rehearse").add_to(app)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. No traceback reaches a person."""
    try:
        code = admission.guard(get_command(make_app())).main([*arguments], prog_name="jisr", standalone_mode=False)
    except TyperException as wrong:
        output.say(f"{wrong.format_message().rstrip()}\nTry `jisr --help`.")
        return wrong.exit_code
    except JisrError as error:
        output.say(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except SystemExit as left:  # typer's way when whoever reads has read enough; that is no error
        return 0 if isinstance(left.__context__, BrokenPipeError) else 1
    except Exception as error:  # noqa: BLE001  the last line of defence: a person gets a sentence
        return _unexpected(error)
    return code if isinstance(code, int) else 0


def _unexpected(error: Exception) -> int:
    if os.environ.get("JISR_LOG_LEVEL", "").upper() == "DEBUG":
        import traceback

        traceback.print_exception(error)
    else:
        output.say(
            f"Something went wrong inside Jisr ({type(error).__name__}). Whether anything changed is unknown: look "
            "with `jisr timeline ID`. JISR_LOG_LEVEL=DEBUG shows the details."
        )
    return 1


def leave(code: int) -> None:
    """Leave the process now. At a normal interpreter exit the engine's threads would abort some runs."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _interrupted(*_: object) -> None:
    """End on Ctrl-C, in order if that takes a moment; whatever it is that hangs, not later than after three seconds."""
    watch = threading.Timer(LEAVES_IN, leave, (130,))
    watch.daemon = True
    watch.start()
    raise KeyboardInterrupt


def main() -> int:
    """Run the command of this process and leave it; return only where a test stands in for the process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    code = run(sys.argv[1:])
    leave(code)
    return code
