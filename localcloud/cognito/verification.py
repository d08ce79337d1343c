"""The codes that are sent, and those of attributes taken: the emulator sends none by SMS and verifies no attribute."""

import secrets
from collections.abc import Mapping
from typing import Any

import aiohttp

from localcloud.base.emulator import Emulator
from localcloud.cognito import codes
from localcloud.cognito.pools import UserPools
from localcloud.cognito.refused import Refused


class Verification:
    """Codes on their way, and those that are waited for."""

    def __init__(self, emulator: Emulator, pools: UserPools, inbox_url: str | None) -> None:
        self._emulator, self._pools = emulator, pools
        self._inbox_url = inbox_url
        self._codes: dict[tuple[str, str, str], tuple[str, str]] = {}
        """(code, address) by pool, user and attribute."""

    async def signed_up(self, asked: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        """Send the code of a sign-up; return the answer with where it went."""
        answer.pop("CodeDeliveryDetails", None)
        pool, user = await self._pools.user(await self._pools.of_client(asked["ClientId"]), answer["UserSub"])
        delivery = codes.at_sign_up(pool, codes.by_name(user["UserAttributes"]))
        if answer["UserConfirmed"] or delivery is None:
            return answer
        # The id under which the inbox, too, finds it: it is one message.
        await self._deliver(pool, delivery, codes.SIGN_UP_CODE, f"cognito:{user['Username']}:sign-up")
        return {**answer, "CodeDeliveryDetails": delivery.details()}

    async def sent_again(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Send a code once more, or one for a new password; return where it went. Raises Refused."""
        found = await self._pools.named(asked)
        if found is None:
            # Nobody has this name and nobody is to notice: the answer is what a user of this name would see.
            name = asked["Username"]
            attribute = "email" if "@" in name else "phone_number"
            return {"CodeDeliveryDetails": codes.Delivery(attribute, name).details()}
        pool, user = found
        attributes = codes.by_name(user["UserAttributes"])
        forgot = action == "ForgotPassword"
        delivery = codes.at_recovery(pool, attributes) if forgot else codes.at_sign_up(pool, attributes)
        if delivery is None:
            raise Refused("InvalidParameterException", "The user pool verifies nothing that this user has.")
        await self._deliver(pool, delivery, codes.RESET_CODE if forgot else codes.SIGN_UP_CODE)
        return {"CodeDeliveryDetails": delivery.details()}

    async def attributes_changed(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """A verified attribute that changes is no longer verified, and its new value gets a code."""
        changed = codes.by_name(asked["UserAttributes"])
        pool, user = await self._pools.signed_in(asked)
        names = [name for name in pool.get("AutoVerifiedAttributes") or () if name in changed]
        for name in names:
            await self._pools.mark(pool, user, name, "false")
        details = [await self._send_code(pool, user, codes.Delivery(name, changed[name])) for name in names]
        return {"CodeDeliveryDetailsList": details}

    async def send(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Send a code to an attribute of who is signed in; return where it went. Raises Refused."""
        pool, user = await self._pools.signed_in(asked)
        name = asked.get("AttributeName", "")
        address = codes.by_name(user["UserAttributes"]).get(name)
        if name not in codes.MEDIA or not address:
            raise Refused("InvalidParameterException", f"The user has no {name or 'attribute'} that can be verified.")
        return {"CodeDeliveryDetails": await self._send_code(pool, user, codes.Delivery(name, address))}

    async def verify(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Take the code of an attribute, which is verified then. Raises Refused."""
        pool, user = await self._pools.signed_in(asked)
        name = asked.get("AttributeName", "")
        code, address = self._codes.get((pool["Id"], user["Username"], name), ("", ""))
        if not code or codes.by_name(user["UserAttributes"]).get(name) != address:
            raise Refused("ExpiredCodeException", "Invalid code provided, please request a code again.")
        if asked.get("Code") != code:
            raise Refused("CodeMismatchException", "Invalid verification code provided, please try again.")
        del self._codes[pool["Id"], user["Username"], name]
        await self._pools.mark(pool, user, name, "true")
        return {}

    async def _send_code(
        self, pool: Mapping[str, Any], user: Mapping[str, Any], delivery: codes.Delivery
    ) -> dict[str, str]:
        code = f"{secrets.randbelow(10**6):06d}"
        self._codes[pool["Id"], user["Username"], delivery.attribute] = code, delivery.to
        await self._deliver(pool, delivery, code, recorded=False)
        return delivery.details()

    async def _deliver(
        self,
        pool: Mapping[str, Any],
        delivery: codes.Delivery,
        code: str,
        message_id: str = "",
        *,
        recorded: bool = True,
    ) -> None:
        """Put a code's message into the inbox, but for e-mails that the emulator recorded. Raises Refused."""
        if self._inbox_url is None or (recorded and delivery.medium == "EMAIL"):
            return
        if delivery.medium == "SMS" and (pool.get("LambdaConfig") or {}).get("CustomSMSSender"):
            return  # Cognito hands these to the trigger; ours throws them away, and sends codes of its own
        message = {
            "id": message_id or f"cognito:{secrets.token_hex(8)}",
            "to": delivery.to,
            "channel": delivery.medium.lower(),
            "text": codes.sms(pool, code),
            "source": "Cognito",
        }
        try:
            await self._emulator.post_json(f"{self._inbox_url}/messages", message)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Refused("CodeDeliveryFailureException", f"The inbox did not take the message: {error}") from error
