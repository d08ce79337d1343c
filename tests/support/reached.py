"""What the code of a field, or of any function, may run and raise: found in the syntax trees, so that nobody lists it.

More is found than runs: a method is taken to be every method of its name, and a name to be called wherever it stands.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from tools.base.services import ROOT, packages

LAYER = ROOT / "layers" / "common" / "python"
Place = tuple[str, str]
"""A module, and a name at its top, with a method behind a point."""
Mention = tuple[Place, frozenset[Place]]
"""A name that may run, and the errors that are caught where it stands."""
ANY = ("", "Exception")
METHODS = ("GET", "PUT", "POST", "DELETE")
REFUSED = ("betsafi.service_client", "Refused")
ASKED, CODE = "what another service is asked", "a code that stands there"
"""In the place of a module: `wallet GET /accounts/{}`, and what is refused under another service's name."""


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
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = zip(target.elts, node.value.elts, strict=True)
                    found.defined.update({name.id: value for name, value in pairs if isinstance(name, ast.Name)})
    return found


class Code:
    """A service's modules and the layer's, and what each of their functions may run."""

    def __init__(self, service: str) -> None:
        self._mentions: dict[Place, list[Mention]] = {}
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

    @cached_property
    def errors(self) -> dict[Place, frozenset[Place]]:
        """The classes of errors that people and services meet, each with those that it is one of."""
        base = ("betsafi.errors", "DomainError")
        found = {base: frozenset([base])}
        classes = [
            (module.name, name, node)
            for module in self.modules.values()
            for name, node in module.defined.items()
            if isinstance(node, ast.ClassDef)
        ]
        while True:
            more = {
                (module, name): found[of] | {(module, name)}
                for module, name, node in classes
                for each in node.bases
                if (of := self.resolve(module, each)) in found and (module, name) not in found
            }
            if not more:
                return found
            found |= more

    def code_of(self, error: Place) -> str:
        """Return what an error's class says to programs, itself or by the class that it is one of."""
        node = self.node(error)
        assert isinstance(node, ast.ClassDef), error
        own = [
            line.value for line in node.body if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code"
        ]
        if own:
            return str(ast.literal_eval(own[0]))
        bases = (self.resolve(error[0], base) for base in node.bases)
        return next(self.code_of(base) for base in bases if base in self.errors)

    def codes(self, root: Place) -> set[str]:
        """Return what a function may be refused with, by itself and by the other services that it asks."""
        waiting, raised = [root], dict[Place, set[Place]]()
        while waiting:
            if (place := waiting.pop()) not in raised:
                raised[place] = set()
                waiting += [named for named, _ in self._mentioned(place)]
        while True:
            before = sum(map(len, raised.values()))
            for place, found in raised.items():
                for named, caught in self._mentioned(place):
                    meant = {named} if named in self.errors or named[0] in (ASKED, CODE) else raised.get(named, set())
                    found |= {error for error in meant if not caught & self._kinds(error)}
            if sum(map(len, raised.values())) == before:
                break
        ours = {self.code_of(error) for error in raised[root] if error in self.errors and error != REFUSED} - {"ERROR"}
        said = {code for place, code in raised[root] if place == CODE}
        return ours.union(said, *(answers(asked) for place, asked in raised[root] if place == ASKED))

    def _kinds(self, error: Place) -> frozenset[Place]:
        return self.errors.get(error, self.errors[REFUSED]) | {ANY}

    def _mentioned(self, place: Place) -> list[Mention]:
        if place not in self._mentions:
            node = self.node(place)
            if isinstance(node, ast.FunctionDef):
                self._mentions[place] = list(self._mentions_in(place[0], node, _own_names(node)))
            else:
                named = self._named_in(place[0], node) if node and place not in self.errors else ()
                self._mentions[place] = [(each, frozenset()) for each in named]
        return self._mentions[place]

    def _mentions_in(
        self, module: str, node: ast.AST, own: frozenset[str], caught: frozenset[Place] = frozenset()
    ) -> Iterator[Mention]:
        """Yield what a piece of code names, but for what is its own, for types, and for errors where they are caught or
        compared.
        """
        inside = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Name) and node.id in own:
            return
        if isinstance(node, ast.Try):
            handled = {
                kind for each in node.handlers if not _raises_again(each) for kind in self._caught(module, each.type)
            }
            for each in node.body:
                yield from self._mentions_in(module, each, own, caught | handled)
            inside = [line for handler in node.handlers for line in handler.body] + node.orelse + node.finalbody
        elif isinstance(node, ast.With):
            for made in (each.context_expr for each in node.items):
                if isinstance(made, ast.Call) and ast.unparse(made.func).endswith("suppress"):
                    caught |= {kind for each in made.args for kind in self._caught(module, each)}
                else:
                    yield from self._mentions_in(module, made, own, caught)
            inside = list(node.body)
        elif isinstance(node, ast.FunctionDef):
            inside = [*node.args.defaults, *node.body]
        elif isinstance(node, ast.AnnAssign):
            inside = [node.value] if node.value else []
        elif isinstance(node, ast.Call):
            if (asked := _asks(module, node)) is not None:
                yield asked, caught
            if self.resolve(module, node.func) == REFUSED and isinstance(node.args[1], ast.Constant):
                yield (CODE, str(node.args[1].value)), caught
            inside = inside[:2] if ast.unparse(node.func) == "isinstance" else inside
        elif isinstance(node, ast.Lambda):
            yield from ((place, caught) for place in self._of_any_service(node))
        elif isinstance(node, ast.Attribute) and node.attr == "code":
            return
        elif isinstance(node, ast.Name | ast.Attribute):
            if place := self.resolve(module, node):
                yield place, caught
            elif isinstance(node, ast.Attribute):
                yield from ((each, caught) for each in self._methods.get(node.attr, ()))
        for each in inside:
            yield from self._mentions_in(module, each, own, caught)

    def _of_any_service(self, node: ast.Lambda) -> Iterator[Place]:
        """Yield what `lambda service: service.protect(…)` may run: it is handed modules that ask other services."""
        for each in ast.walk(node.body):
            if isinstance(each, ast.Attribute) and ast.unparse(each.value) in {given.arg for given in node.args.args}:
                yield from (
                    (module.name, each.attr)
                    for module in self.modules.values()
                    if module.name.endswith("_api") and each.attr in module.defined
                )

    def _caught(self, module: str, kind: ast.expr | None) -> Iterator[Place]:
        """Yield what an `except` or `suppress` names."""
        for each in kind.elts if isinstance(kind, ast.Tuple) else [kind]:
            if each is None or ast.unparse(each) == "Exception":
                yield ANY
            elif place := self.resolve(module, each):
                yield place


def _own_names(function: ast.FunctionDef) -> frozenset[str]:
    """Return what a function gives a name to, itself or in a function within."""
    stored = {each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    given = {each.arg for node in ast.walk(function) if isinstance(node, ast.arguments) for each in node.args}
    return frozenset(stored | given)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Return whether what is caught may be raised again, here or by a function that it is handed to."""
    inside = list(ast.walk(handler))
    named = [each for each in inside if isinstance(each, ast.Name) and each.id == handler.name]
    read = [each.value for each in inside if isinstance(each, ast.Attribute)]
    causes = [each.cause for each in inside if isinstance(each, ast.Raise)]
    return any(isinstance(each, ast.Raise) and each.exc is None for each in inside) or any(
        each not in read and each not in causes for each in named
    )


def _asks(module: str, call: ast.Call) -> Place | None:
    """Return the service that a call asks, and for what, such as `GET /accounts/{}`."""
    service = module.rpartition(".")[2].removesuffix("_api")
    if not module.endswith("_api") or len(call.args) < 2 or ast.unparse(call.args[0]).strip("'") not in METHODS:
        return None
    path = call.args[1]
    parts = path.values if isinstance(path, ast.JoinedStr) else [path]
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
    return ASKED, f"{service} {ast.literal_eval(call.args[0])} {text}"


@cache
def code_of_service(service: str) -> Code:
    """Return a service's code, read once."""
    return Code(service)


@cache
def answers(asked: str) -> set[str]:
    """Return what a service says that it refuses an operation of its API with."""
    code = code_of_service(asked.split()[0])
    for place, mark in registered(code, "route"):
        method, resource = (str(ast.literal_eval(each)) for each in mark.args[:2])
        if asked.split()[1:] == [method, re.sub("{[^}]*}", "{}", resource)]:
            return declared(code, place, mark)
    raise AssertionError(f"nobody is asked for {asked}")


def declared(code: Code, place: Place, route: ast.Call) -> set[str]:
    """Return the codes of the errors that an operation is registered with."""
    listed = [each.value.elts for each in route.keywords if each.arg == "refuses" and isinstance(each.value, ast.Tuple)]
    errors = [code.resolve(place[0], each) for names in listed for each in names]
    return {code.code_of(error) for error in errors if error}


def registered(code: Code, *doors: str) -> Iterator[tuple[Place, ast.Call]]:
    """Yield the functions of a service that are registered so with its handlers, each with the mark that does it."""
    for module in code.modules.values():
        for name, node in module.defined.items():
            for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr in doors:
                    yield (module.name, name), mark


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a name is used: a function's body; of a value at the top what it holds, not what made it."""
    if isinstance(node, ast.FunctionDef):
        return (each for part in (node.args, *node.body) for each in ast.walk(part))
    made = {id(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
    return (each for each in ast.walk(node) if id(each) not in made)
