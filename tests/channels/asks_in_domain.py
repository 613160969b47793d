"""Every wording class the domain asks with, read from its source: what `owed(now, ask, ...)` is called with."""

import ast
from functools import cache
from pathlib import Path

from domain.vocabulary import Stage

DOMAIN = Path(__file__).resolve().parents[2] / "domain"


@cache
def asks() -> dict[str, str]:
    """Return each ask and the file it stands in. Fails on an `owed(...)` whose ask can't be read."""
    modules = [Module(file) for file in sorted(DOMAIN.rglob("*.py")) if file.name != "obligations.py"]
    found: dict[str, str] = {}
    for module in modules:
        for call in module.calls:
            if call.func.id == "owed":
                words = module.words(call.args[1], modules)
                where = f"{module.file.relative_to(DOMAIN)}:{call.lineno}"
                assert words, f"{where}: can't tell which ask this is; write it as a word or a table of words"
                found |= dict.fromkeys(words, where)
    return found


class Module:
    """One source file: its functions, its calls, and what its names may stand for."""

    def __init__(self, file: Path) -> None:
        self.file = file
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        self.functions = [n for n in nodes if isinstance(n, ast.FunctionDef)]
        self.calls = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        self.values: dict[str, list[ast.expr]] = {}
        for node in nodes:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._stands(target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._stands(target, value)
                case ast.For(target=target, iter=ast.Tuple(elts=rows)):
                    for row in rows:
                        self._stands(target, row)

    def _stands(self, target: ast.expr, value: ast.expr) -> None:
        """Note what a name may stand for; `ask, ladder = TABLE[key]` takes the same place of each row."""
        match target:
            case ast.Name(id=name):
                self.values.setdefault(name, []).append(value)
            case ast.Tuple(elts=names):
                for place, one in enumerate(names):
                    for row in self._rows(value):
                        if place < len(row.elts):
                            self._stands(one, row.elts[place])

    def _rows(self, node: ast.expr) -> list[ast.Tuple]:
        match node:
            case ast.Tuple():
                return [node]
            case ast.IfExp(body=body, orelse=other):
                return self._rows(body) + self._rows(other)
            case ast.Subscript(value=ast.Name(id=name)):
                tables = [one for one in self.values.get(name, []) if isinstance(one, ast.Dict)]
                return [row for table in tables for row in table.values if isinstance(row, ast.Tuple)]
        return []

    def words(self, node: ast.expr, modules: list["Module"], seen: frozenset[str] = frozenset()) -> set[str]:
        """Return the words an expression may come to."""
        match node:
            case ast.Constant(value=str(word)):
                return {word}
            case ast.JoinedStr(values=[ast.Constant(value=start), ast.FormattedValue()]):
                return {f"{start}{stage.value}" for stage in Stage}
            case ast.IfExp(body=body, orelse=other):
                return self.words(body, modules, seen) | self.words(other, modules, seen)
            case ast.Subscript(value=table):
                return self.words(table, modules, seen)
            case ast.Dict(values=values) | ast.Tuple(elts=values):
                return {word for one in values for word in self.words(one, modules, seen)}
            case ast.Name(id=name) if name not in seen:
                known = {word for one in self.values.get(name, []) for word in self.words(one, modules, seen | {name})}
                return known | self._given(name, modules, seen)
        return set()

    def _given(self, argument: str, modules: list["Module"], seen: frozenset[str]) -> set[str]:
        """Return the words that functions of this file with such an argument are called with."""
        found: set[str] = set()
        for function in self.functions:
            names = [one.arg for one in function.args.args]
            if argument not in names:
                continue
            place = names.index(argument)
            for module in [self] if function.name.startswith("_") else modules:
                for call in module.calls:
                    if call.func.id == function.name and len(call.args) > place:
                        found |= module.words(call.args[place], modules, seen | {argument} if module is self else seen)
        return found
