"""Which fields a caller may reach: by the schema's directives, and by IAM's policies."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from graphql import DirectiveNode, GraphQLField, GraphQLObjectType

from localcloud.appsync.callers import Caller
from localcloud.appsync.deployment import API_KEY, COGNITO, IAM, Deployment, string_list
from localcloud.base.emulator import Emulator, elements

_POLICY_SECONDS = 1.0


@dataclass
class PolicyCheck:
    """Asks the emulator's IAM whether a principal may reach a root field; answers stand for a second."""

    emulator: Emulator
    _decisions: dict[tuple[str, str], tuple[float, bool]] = field(default_factory=dict)

    async def allows(self, caller: Caller, deployment: Deployment, type_name: str, field_name: str) -> bool:
        """Return whether the caller's policies allow appsync:GraphQL on the field; root always may."""
        if caller.is_root:
            return True
        key = (caller.principal_arn, f"{deployment.arn}/types/{type_name}/fields/{field_name}")
        decided = self._decisions.get(key)
        if decided is None or time.monotonic() - decided[0] > _POLICY_SECONDS:
            decided = (time.monotonic(), await self._simulate(*key))
            self._decisions[key] = decided
        return decided[1]

    async def _simulate(self, principal_arn: str, resource_arn: str) -> bool:
        answer = await self.emulator.call(
            "iam",
            "POST",
            "/",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(
                {
                    "Action": "SimulatePrincipalPolicy",
                    "Version": "2010-05-08",
                    "PolicySourceArn": _policy_source(principal_arn),
                    "ActionNames.member.1": "appsync:GraphQL",
                    "ResourceArns.member.1": resource_arn,
                }
            ).encode(),
        )
        return answer.status == 200 and elements(answer.body).get("EvalDecision") == "allowed"


def _policy_source(principal_arn: str) -> str:
    """Return the role behind a session's ARN; a user's ARN stands for itself."""
    session = re.fullmatch(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/.+", principal_arn)
    return f"arn:aws:iam::{session[1]}:role/{session[2]}" if session else principal_arn


_MODE_OF_DIRECTIVE = {"aws_iam": IAM, "aws_cognito_user_pools": COGNITO, "aws_api_key": API_KEY}


def field_is_open(deployment: Deployment, caller: Caller, parent: GraphQLObjectType, definition: GraphQLField) -> bool:
    """Return whether the schema's directives open the field to the caller.

    The field's own directives override its type's; without any, only the primary mode may pass.
    `@aws_auth` counts only where Cognito is the API's single mode, as on AWS.
    """
    rules = _rules(deployment, definition.ast_node.directives if definition.ast_node else ())
    if not rules:
        nodes = [parent.ast_node, *parent.extension_ast_nodes]
        rules = _rules(deployment, [d for node in nodes if node for d in node.directives])
    if not rules:
        return caller.mode == deployment.primary_mode
    return any(
        caller.mode == mode and (groups is None or not caller.groups.isdisjoint(groups)) for mode, groups in rules
    )


def _rules(deployment: Deployment, directives: Sequence[DirectiveNode]) -> list[tuple[str, frozenset[str] | None]]:
    """Return the modes that the directives open, each with the groups it is limited to."""
    modes = dict(_MODE_OF_DIRECTIVE)
    if deployment.modes == {COGNITO}:
        modes["aws_auth"] = COGNITO
    return [
        (modes[directive.name.value], None if groups is None else frozenset(groups))
        for directive in directives
        if directive.name.value in modes
        for groups in [string_list(directive, "cognito_groups")]
    ]
