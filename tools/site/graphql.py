"""The reference of the GraphQL API, made of its schema: a page for each of its files."""

import re
from collections.abc import Callable, Iterable, Mapping

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

from tools.base.services import services
from tools.export_errors import TYPES
from tools.site.markdown import cell, table

_ROOTS = ("Query", "Mutation", "Subscription")
_AMONG = "aws_iam"


def pages() -> Mapping[str, str]:
    """Return the reference's pages by their place: what may be asked of each service, and the types that it answers.

    Of the codes that requests are refused with docs/errors.md is the page.
    """
    folder = services()["frontend-api"] / "schema"
    files = {file.stem: parse(file.read_text()) for file in sorted(folder.glob("*.graphql")) if file != TYPES}
    homes = {
        definition.name.value: name
        for name, document in files.items()
        for definition in document.definitions
        if isinstance(definition, ObjectTypeDefinitionNode | InputObjectTypeDefinitionNode | EnumTypeDefinitionNode)
    }
    return {f"api/graphql/{name}.md": _page(name, document, homes) for name, document in files.items()}


def _page(name: str, document: DocumentNode, homes: Mapping[str, str]) -> str:
    def linked(kind: str) -> str:
        bare = kind.strip("[]!")
        if bare == "ErrorType":
            return f"[`{kind}`](../../docs/errors.md)"
        if bare not in homes:
            return f"`{kind}`"
        place = "" if homes[bare] == name else f"{homes[bare]}.md"
        return f"[`{kind}`]({place}#{bare.lower()})"

    parts = [f"# GraphQL: {name}\n"]
    for definition in document.definitions:
        if isinstance(definition, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            kind = definition.name.value
            fields = [field for field in definition.fields if not _internal(field)]
            if kind in _ROOTS:
                parts += [f"## {_TITLES[kind]}\n"] * bool(fields) + [_operation(field, linked) for field in fields]
            else:
                parts.append(_type(definition, fields, linked))
        elif isinstance(definition, InputObjectTypeDefinitionNode):
            titled = _titled(definition.name.value, "an input")
            parts.append(f"{titled}{_said(definition)}{_arguments(definition.fields, linked)}")
        elif isinstance(definition, EnumTypeDefinitionNode):
            rows = [(f"`{value.name.value}`", _said(value)) for value in definition.values]
            parts.append(
                f"{_titled(definition.name.value, 'an enum')}{_said(definition)}{table(('value', 'means'), rows)}"
            )
        elif isinstance(definition, UnionTypeDefinitionNode):
            members = ", ".join(linked(member.name.value) for member in definition.types)
            parts.append(f"{_titled(definition.name.value, 'a union')}{_said(definition)}One of {members}.\n")
    return "\n".join(parts)


_TITLES = {"Query": "Queries", "Mutation": "Mutations", "Subscription": "Subscriptions"}


def _internal(field: FieldDefinitionNode) -> bool:
    """Return whether a field is for our own roles alone."""
    return {directive.name.value for directive in field.directives} == {_AMONG}


def _operation(field: FieldDefinitionNode, linked: Callable[[str], str]) -> str:
    """Return what is said of an operation; its name first, for a search ranks by how early a word comes."""
    name = field.name.value
    answers = f"`{name}{_taken(field)}` answers {linked(print_ast(field.type))}. {_who(field)}"
    return f"### {name}\n\n{answers}\n\n{_said(field)}{_arguments(field.arguments, linked)}"


def _titled(name: str, kind: str) -> str:
    return f"## {name}\n\n`{name}`, {kind}.\n\n"


def _type(
    definition: ObjectTypeDefinitionNode | ObjectTypeExtensionNode,
    fields: Iterable[FieldDefinitionNode],
    linked: Callable[[str], str],
) -> str:
    name = definition.name.value
    extends = isinstance(definition, ObjectTypeExtensionNode)
    said = f"## {name}, continued\n\n" if extends else f"{_titled(name, 'a type')}{_said(definition)}"
    rows = [(f"`{field.name.value}{_taken(field)}`", linked(print_ast(field.type)), _said(field)) for field in fields]
    return f"{said}{table(('field', 'type', 'what it is'), rows)}"


def _taken(field: FieldDefinitionNode) -> str:
    return f"({', '.join(argument.name.value for argument in field.arguments)})" if field.arguments else ""


def _arguments(given: Iterable[InputValueDefinitionNode], linked: Callable[[str], str]) -> str:
    rows = [
        (
            f"`{one.name.value}`",
            linked(print_ast(one.type)),
            f"`{print_ast(one.default_value)}`" if one.default_value else "",
            _said(one),
        )
        for one in given
    ]
    return table(("argument", "type", "default", "what it is"), rows) if rows else ""


def _said(node: object) -> str:
    description = getattr(node, "description", None)
    return f"{cell(description.value)}\n\n" if description else ""


def _who(field: FieldDefinitionNode) -> str:
    """Return a sentence on who may ask."""
    marks = {directive.name.value: directive for directive in field.directives}
    if "aws_api_key" in marks:
        return "For everybody."
    pools = marks.get("aws_cognito_user_pools")
    groups = re.findall(r"\w+", print_ast(pools.arguments[0].value)) if pools and pools.arguments else []
    return f"For staff: {', '.join(groups)}." if groups else "For players, of their own."
