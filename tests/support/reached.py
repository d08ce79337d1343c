"""What the code of a field, or of any function, may run: found in the syntax trees, so that nobody lists it.

More is found than runs: a method is taken to be every method of its name, and a name to be called wherever it stands.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tools.base.services import ROOT, packages

LAYER = ROOT / "layers" / "common" / "python"
Place = tuple[str, str]
"""A module, and a name at its top, with a method behind a point."""


@dataclass(frozen=True)
class Module:
    """A module's names: what each stands for, and what it has from elsewhere."""

    name: str
    tree: ast.Module
    defined: dict[str, ast.AST] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What a name was imported from, and as what: "" for a module itself."""


def _module(name: str, file: Path) -> Module:
    found = Module(name, ast.parse(file.read_text()))
    for node in ast.walk(found.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.imported.update({each.asname or each.name: (node.module, each.name) for each in node.names})
    for node in found.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found.defined[target.id] = node.value
    return found


class Code:
    """A service's modules and the layer's, and what each of their functions may run."""

    def __init__(self, service: str) -> None:
        package = ROOT / service / packages()[service]
        files = {file: package.parent for file in package.rglob("*.py")}
        files |= {file: LAYER for file in (LAYER / "betsafi").glob("*.py")}
        named = {".".join(file.relative_to(root).with_suffix("").parts): file for file, root in files.items()}
        self.modules = {name: _module(name, file) for name, file in named.items()}

    @cached_property
    def _methods(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for module in self.modules.values():
            for name, node in module.defined.items():
                for method in node.body if isinstance(node, ast.ClassDef) else ():
                    if isinstance(method, ast.FunctionDef):
                        found.setdefault(method.name, []).append((module.name, f"{name}.{method.name}"))
        return found

    def node(self, place: Place) -> ast.AST | None:
        """Return what a name stands for."""
        name, _, method = place[1].partition(".")
        node = self.modules[place[0]].defined.get(name) if place[0] in self.modules else None
        if not method:
            return node
        assert isinstance(node, ast.ClassDef)
        return next(each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == method)

    def resolve(self, module: str, node: ast.expr) -> Place | None:
        """Return the place of `name`, or of `module.name`, as a module means it; None for what is not ours."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            source, name = self.modules[module].imported.get(node.value.id, ("", ""))
            return self._own(f"{source}.{name}", node.attr)
        if not isinstance(node, ast.Name):
            return None
        if node.id in self.modules[module].defined:
            return module, node.id
        return self._own(*self.modules[module].imported.get(node.id, ("", "")))

    def _own(self, module: str, name: str) -> Place | None:
        if module not in self.modules:
            return None
        if name in self.modules[module].defined:
            return module, name
        return self._own(*self.modules[module].imported[name]) if name in self.modules[module].imported else None

    def reached(self, roots: Iterable[Place]) -> set[Place]:
        """Return everything that may run when these do, themselves among it."""
        waiting, found = list(roots), set()
        while waiting:
            place = waiting.pop()
            if place not in found and (node := self.node(place)) is not None:
                found.add(place)
                waiting += self._named_in(place[0], node)
        return found

    def _named_in(self, module: str, node: ast.AST) -> Iterator[Place]:
        if isinstance(node, ast.ClassDef):
            methods = ("__init__", "__post_init__", "__call__")
            yield from ((module, f"{node.name}.{m.name}") for m in node.body if getattr(m, "name", "") in methods)
            return
        for each in _run(node):
            if isinstance(each, ast.Name | ast.Attribute):
                if place := self.resolve(module, each):
                    yield place
                elif isinstance(each, ast.Attribute):
                    yield from self._methods.get(each.attr, ())

    def errors(self) -> set[Place]:
        """Return the classes of errors that people and services meet."""
        found: set[Place] = {("betsafi.errors", "DomainError")}
        while True:
            classes = {
                (module.name, name)
                for module in self.modules.values()
                for name, node in module.defined.items()
                if isinstance(node, ast.ClassDef)
                and any(self.resolve(module.name, base) in found for base in node.bases)
            }
            if classes <= found:
                return found
            found |= classes


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a name is used: a function's body; of a value at the top what it holds, not what made it."""
    if isinstance(node, ast.FunctionDef):
        return (each for part in (node.args, *node.body) for each in ast.walk(part))
    made = {id(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
    return (each for each in ast.walk(node) if id(each) not in made)
