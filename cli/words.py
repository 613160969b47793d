"""`jisr words`: a manager's own words for one initiative, instead of the house's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from cli.initiatives import IdArgument, catch_up
from cli.report import code_of, tell
from errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from client import Jisr
    from domain.record import Answer

app = typer.Typer(
    help="A manager's own words for what is asked, per initiative and language. `jisr agenda ID --preview` shows them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
SUBJECT = "subject:"
AskArgument = Annotated[str, typer.Argument(metavar="ASK", help="What is asked for: the column wording of the agenda.")]
LanguageOption = Annotated[str, typer.Option("--language", "-l", help="en, ar or ckb.")]
ToneOption = Annotated[
    str, typer.Option(help="At which turn: remind (the first time, and wherever nothing else is said), again, tell, "
                           "escalate, expire.")
]  # fmt: skip
ByOption = Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who changes them.")]
ReasonOption = Annotated[str | None, typer.Option(help="Why, for the record.")]


@app.command("set")
def set_words(
    id: IdArgument,
    ask: AskArgument,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The text; a first line `Subject: ...` if it is open.")],
    language: LanguageOption,
    tone: ToneOption = "remind",
    by: ByOption = None,
    reason: ReasonOption = None,
    json: output.JsonOption = False,
) -> int:
    """Say it in your own words from now on. {task}, {starts}, {by} and {who} are filled in when it is sent."""
    subject, text = _read(doors.read_input(file))
    fields = {"ask": ask, "language": language, "tone": tone, "text": text, **({"subject": subject} if subject else {})}
    return _report(id, "wording_changed", fields, by, reason, json)


@app.command("remove")
def remove_words(
    id: IdArgument,
    ask: AskArgument,
    language: LanguageOption,
    tone: ToneOption = "remind",
    by: ByOption = None,
    reason: ReasonOption = None,
    json: output.JsonOption = False,
) -> int:
    """Say it in the house's words again."""
    from storage import wordings

    catch_up(id)
    with doors.database() as db:
        if (ask, language, tone) not in wordings.own_words(db, id):
            raise NotFound(f"{id} has no own words for {ask}, {language}, {tone}. See `jisr words show {id}`.")
    return _report(id, "wording_removed", {"ask": ask, "language": language, "tone": tone}, by, reason, json)


@app.command("show")
def show_words(id: IdArgument, json: output.JsonOption = False) -> int:
    """Show the own words of an initiative, and which of them are not said now and why."""
    from activities.routes import words_judged
    from storage import wordings

    catch_up(id)
    with doors.database() as db:
        if wordings.sensitivity_of(db, id) is None:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
        found = words_judged(db, id)
    lines: list[dict[str, Any]] = [
        {**own.model_dump(mode="json"), "said": why is None, "rule": why.rule.id if why else None,
         "why": why.why if why else ""}
        for _, (own, why) in sorted(found.items())
    ]  # fmt: skip
    if json:
        output.data(lines)
        return 0
    for line in lines:
        said = "" if line["said"] else f"  NOT SAID ({line['rule']}): {line['why']}"
        output.text(f"{line['ask']}  {line['language']}  {line['tone']}{said}")
        output.text(f"  Subject: {line['subject']}" if line["subject"] else "  (the house's subject)")
        output.text("\n".join(f"  {output.clean(one)}" for one in line["text"].splitlines()) + "\n")
    if not lines:
        output.say(f"{id} has no own words; it speaks in those of the house.")
    return 0


def _read(given: str) -> tuple[str, str]:
    """Return subject and text of a file. Raises: InvalidInput for one without a text."""
    head, _, rest = given.lstrip("\n").partition("\n")
    subject, text = ("", given)
    if head.lower().startswith(SUBJECT):
        subject, text = head[len(SUBJECT) :].strip(), rest
    if not text.strip():
        raise InvalidInput("There is no text. Write what is to be said; a subject is the first line, `Subject: ...`.")
    return subject, text.strip()


def _report(id: str, kind: str, fields: dict[str, Any], by: str | None, reason: str | None, json: bool) -> int:
    """Report the change like every other one, so that the record tells who said what when."""
    from desk import Desk

    own = doors.settings()
    Desk(own).check({"kind": kind, **fields, **({"by": by} if by else {})})  # before the engine is asked for

    async def send(jisr: Jisr) -> Answer:
        return await jisr.report(id, kind, by=by, reason=reason, **fields)

    answer = doors.with_engine(send)
    if json:
        output.data(answer.model_dump(mode="json"))
    else:
        tell(answer)
    return code_of(answer)


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="words")
