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
from tools.site.markdown import cell, table

_ROOTS = ("Query", "Mutation", "Subscription")
_AMONG = "aws_iam"


def pages() -> Mapping[str, str]:
    """Return the reference's pages by their place: what may be asked of each service, and the types that it answers."""
    folder = services()["frontend-api"] / "schema"
    files = {file.stem: parse(file.read_text()) for file in sorted(folder.glob("*.graphql"))}
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
            parts.append(f"## {definition.name.value}\n\n{_said(definition)}{_arguments(definition.fields, linked)}")
        elif isinstance(definition, EnumTypeDefinitionNode):
            rows = [(f"`{value.name.value}`", _said(value)) for value in definition.values]
            parts.append(f"## {definition.name.value}\n\n{_said(definition)}{table(('value', 'means'), rows)}")
        elif isinstance(definition, UnionTypeDefinitionNode):
            members = ", ".join(linked(member.name.value) for member in definition.types)
            parts.append(f"## {definition.name.value}\n\n{_said(definition)}One of {members}.\n")
    return "\n".join(parts)


_TITLES = {"Query": "Queries", "Mutation": "Mutations", "Subscription": "Subscriptions"}


def _internal(field: FieldDefinitionNode) -> bool:
    """Return whether a field is for our own roles alone."""
    return {directive.name.value for directive in field.directives} == {_AMONG}


def _operation(field: FieldDefinitionNode, linked: Callable[[str], str]) -> str:
    return (
        f"### {field.name.value}\n\n{_said(field)}{_who(field)} Answers {linked(print_ast(field.type))}.\n\n"
        f"{_arguments(field.arguments, linked)}"
    )


def _type(
    definition: ObjectTypeDefinitionNode | ObjectTypeExtensionNode,
    fields: Iterable[FieldDefinitionNode],
    linked: Callable[[str], str],
) -> str:
    extends = isinstance(definition, ObjectTypeExtensionNode)
    title = f"{definition.name.value}, continued" if extends else definition.name.value
    said = "" if isinstance(definition, ObjectTypeExtensionNode) else _said(definition)
    rows = [(f"`{field.name.value}{_taken(field)}`", linked(print_ast(field.type)), _said(field)) for field in fields]
    return f"## {title}\n\n{said}{table(('field', 'type', 'what it is'), rows)}"


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
