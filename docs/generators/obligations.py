"""What is asked of whom by which ladder, read from the source: what `owed(...)` is called with."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from docs.generators.words import ROOT, words
from domain.ladders import LADDERS
from domain.vocabulary import Role, Stage

Env = Mapping[str, ast.expr]
Function = ast.FunctionDef


class Asked(NamedTuple):
    module: str
    ask: str
    of: str
    ladder: str


@cache
def asked() -> tuple[Asked, ...]:
    """Return everything the domain asks for, module by module. Raises: ValueError on what it cannot read."""
    files = [ROOT / "domain" / "lifecycle.py"]
    files += [*sorted((ROOT / "domain" / "stages").glob("*.py")), *sorted((ROOT / "domain" / "conduct").glob("*.py"))]
    sources = [Source(file) for file in files]
    wrappers = {name: found for one in sources for name, found in one.wrappers().items()}
    found = [one for source in sources for one in source.asked(wrappers)]
    return tuple(dict.fromkeys(sorted(found)))


class Wrapper(NamedTuple):
    """A function that calls `owed` with some of its own arguments."""

    file: Path
    arguments: tuple[str, ...]
    owed: ast.Call
    env: Env


class Source:
    """One file: its calls, each with what the loop around it binds."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tree = ast.parse(file.read_text(encoding="utf-8"))
        self.values: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.values.setdefault(name, []).append(value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.values.setdefault(name, []).append(value)
                case ast.Assign(targets=[ast.Tuple(elts=names)], value=value):
                    for row in self._rows(value):
                        for target, one in zip(names, row.elts, strict=False):
                            if isinstance(target, ast.Name):
                                self.values.setdefault(target.id, []).append(one)

    def _rows(self, node: ast.expr) -> list[ast.Tuple]:
        match node:
            case ast.Tuple():
                return [node]
            case ast.Subscript(value=ast.Name(id=name)):
                tables = [one for one in self.values.get(name, []) if isinstance(one, ast.Dict)]
                return [row for one in tables for row in one.values if isinstance(row, ast.Tuple)]
        return []

    def wrappers(self) -> dict[str, Wrapper]:
        found = {}
        for function in [n for n in ast.walk(self.tree) if isinstance(n, Function)]:
            arguments = tuple(one.arg for one in function.args.args)
            for call, env in self._calls(function.body, {}):
                if _name(call) == "owed" and any(isinstance(a, ast.Name) and a.id in arguments for a in call.args[1:4]):
                    named = [a for a in call.args[1:4] if isinstance(a, ast.Name)]
                    if any(one.id in arguments and one.id != "person" for one in named):
                        found[f"{self.file.name}:{function.name}"] = Wrapper(self.file, arguments, call, env)
        return found

    def asked(self, wrappers: Mapping[str, Wrapper]) -> Iterator[Asked]:
        module = ".".join(self.file.relative_to(ROOT).with_suffix("").parts)
        inner = {id(one.owed) for one in wrappers.values()}
        for call, env in self._calls(self.tree.body, {}):
            name = _name(call)
            own = wrappers.get(f"{self.file.name}:{name}") or next(
                (one for key, one in wrappers.items() if key.endswith(f":{name}") and not name.startswith("_")), None
            )
            if name == "owed" and id(call) not in inner:
                yield from self._told(module, call.args[1:4], env)
            elif own is not None:
                given = dict(zip(own.arguments, call.args, strict=False))
                arguments = [given.get(a.id, a) if isinstance(a, ast.Name) else a for a in own.owed.args[1:4]]
                yield from self._told(module, arguments, env)

    def _told(self, module: str, arguments: list[ast.expr], env: Env) -> Iterator[Asked]:
        ask, by, ladder = arguments
        asks, ladders = self.said(ask, env), [one for one in self.said(ladder, env) if one in LADDERS]
        if not asks or not ladders:
            raise ValueError(f"{self.file.name}: cannot read what is asked in `{ast.unparse(ask)}`")
        for one in asks:
            yield Asked(module, one, self._whom(by, env), " or ".join(ladders))

    def _calls(self, body: list[ast.stmt], env: Env) -> Iterator[tuple[ast.Call, Env]]:
        """Yield every call with the names a loop over written rows binds around it, row by row."""
        for node in body:
            match node:
                case ast.For(target=ast.Tuple(elts=names), iter=ast.Tuple(elts=rows)) if all(
                    isinstance(row, ast.Tuple) for row in rows
                ):
                    for row in rows:
                        assert isinstance(row, ast.Tuple)
                        bound = {n.id: v for n, v in zip(names, row.elts, strict=True) if isinstance(n, ast.Name)}
                        yield from self._calls(node.body, {**env, **bound})
                case _:
                    inner = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
                    for one in ast.iter_child_nodes(node):
                        if not isinstance(one, ast.stmt):
                            yield from ((c, env) for c in ast.walk(one) if isinstance(c, ast.Call))
                    yield from self._calls(inner, env)

    def said(self, node: ast.expr, env: Env, seen: frozenset[str] = frozenset()) -> list[str]:
        """Return the words an expression may come to, in the order of the source."""
        match node:
            case ast.Constant(value=str(word)):
                return [word]
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue()]):
                return [f"{start}{stage.value}" for stage in Stage if stage is not Stage.CLOSED]
            case ast.IfExp(test=ast.Compare(left=left, comparators=[right]), body=body, orelse=other) if (
                isinstance(left, ast.Name) and left.id in env
            ):
                same = self.said(left, env) == self.said(right, env)
                return self.said(body if same else other, env, seen)
            case ast.IfExp(body=body, orelse=other):
                return [*self.said(body, env, seen), *self.said(other, env, seen)]
            case ast.Subscript(value=inner):
                return self.said(inner, env, seen)
            case ast.Dict(values=values):
                return [word for one in values for word in self.said(one, env, seen)]
            case ast.Name(id=name) if name in env and name not in seen:
                return self.said(env[name], env, seen | {name})
            case ast.Name(id=name) if name not in seen:
                return [word for one in self.values.get(name, []) for word in self.said(one, env, seen | {name})]
        return []

    def _whom(self, node: ast.expr, env: Env) -> str:
        """Return who owes it: a role, or whoever the expression stands for."""
        match node:
            case ast.Attribute(value=ast.Name(id="Role"), attr=role):
                return words(Role[role].value)
            case ast.BoolOp(values=[_, other]) | ast.IfExp(orelse=other):
                return f"{PEOPLE.get(ast.unparse(node), 'whoever it concerns')}, else {self._whom(other, env)}"
            case ast.Name(id=name) if name in env:
                return self._whom(env[name], env)
            case ast.Name(id=name) if name in self.values and name not in PEOPLE:
                return " or ".join(dict.fromkeys(self._whom(one, env) for one in self.values[name]))
        return PEOPLE.get(ast.unparse(node), "whoever it concerns")


# Who an expression of the source stands for, where it is no role.
PEOPLE = {
    "p.focal or Role.MANAGER": "the focal point",
    "(partner.focal if partner and partner.withdrew_at is None else None) or Role.MANAGER": "the partner's focal point",
    "i.owner or Role.MANAGER": "whoever reads the indicator",
    "other.focal": "the other partners' focal points",
    "vetter": "the vetter",
    "p.person": "the person",
    "person": "the person",
    "holder": "the new holder",
    "_decider(now, p)": "vetting lead, or the next whom four eyes allow",
    "Role.MANAGER if who in one.at_risk else Role.SECURITY_ADVISER": "manager if the adviser is at risk",
    "Role.DIRECTOR if role is Role.MANAGER else Role.MANAGER": "director for a vacant manager",
}


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
