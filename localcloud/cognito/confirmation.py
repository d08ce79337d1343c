"""What Cognito does once a sign-up is confirmed: the emulator verifies nothing and never calls PostConfirmation."""

from collections.abc import Mapping
from typing import Any

from localcloud.base.emulator import Emulator, EmulatorError
from localcloud.cognito import codes
from localcloud.cognito.pools import UserPools
from localcloud.cognito.refused import trigger_failed


async def confirmed(emulator: Emulator, pools: UserPools, action: str, asked: Mapping[str, Any]) -> None:
    """Mark as verified what the code went to, and run the pool's trigger. Raises Refused with its failure."""
    if action == "ConfirmSignUp":
        pool_id, client_id = await pools.of_client(asked["ClientId"]), asked["ClientId"]
    else:
        pool_id, client_id = asked["UserPoolId"], "CLIENT_ID_NOT_APPLICABLE"
    pool, user = await pools.user(pool_id, asked["Username"])
    delivery = codes.at_sign_up(pool, codes.by_name(user["UserAttributes"]))
    if action == "ConfirmSignUp" and delivery is not None:
        await pools.mark(pool, user, delivery.attribute, "true")
        _, user = await pools.user(pool_id, asked["Username"])
    function = (pool.get("LambdaConfig") or {}).get("PostConfirmation")
    if not function:
        return
    event = _event(emulator.region, pool_id, client_id, user, asked.get("ClientMetadata") or {})
    try:
        outcome = await emulator.invoke(function, event)
    except EmulatorError as error:
        raise trigger_failed("PostConfirmation", str(error)) from error
    if outcome.failed:
        described = outcome.payload if isinstance(outcome.payload, dict) else {}
        raise trigger_failed("PostConfirmation", str(described.get("errorMessage")))


def _event(
    region: str, pool_id: str, client_id: str, user: Mapping[str, Any], metadata: Mapping[str, str]
) -> dict[str, Any]:
    attributes = codes.by_name(user["UserAttributes"])
    return {
        "version": "1",
        "region": region,
        "userPoolId": pool_id,
        "userName": user["Username"],
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "triggerSource": "PostConfirmation_ConfirmSignUp",
        "request": {
            "userAttributes": {**attributes, "cognito:user_status": "CONFIRMED"},
            **({"clientMetadata": metadata} if metadata else {}),
        },
        "response": {},
    }
