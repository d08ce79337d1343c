"""What the ``/_fake`` paths have in common: reading a body, answering, refusing with a sentence."""

from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from localcloud.daraja.base.wire import JSON, dumps, loads, shillings
from localcloud.daraja.running.fake import Fake

Handler = Callable[[Fake, Request], Awaitable[Response]]


def reply(content: object, status: int = 200) -> Response:
    """Return ``content`` as JSON."""
    return Response(dumps(content), status, media_type="application/json")


async def body_of(request: Request) -> JSON:
    """Return the request's JSON object; an empty body is {}. Raises ValueError."""
    raw = await request.body()
    parsed = loads(raw) if raw else {}
    if not isinstance(parsed, dict):
        raise ValueError("a JSON object is expected")
    return parsed


def guarded(fake: Fake, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler over ``fake``: bad input is answered 400 and an unknown id 404, each with a sentence."""

    async def answer(request: Request) -> Response:
        try:
            response = await handler(fake, request)
            if request.method != "GET":
                fake.courier.wake()
            return response
        except KeyError as error:
            return reply({"error": f"unknown {error}"}, 404)
        except ValidationError as error:
            problems = [{"at": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in error.errors()]
            return reply({"error": "this script is not understood", "problems": problems}, 400)
        except (ValueError, InvalidOperation) as error:
            return reply({"error": str(error)}, 400)

    return answer


def money(value: object) -> Decimal:
    """Read shillings from a JSON number or string. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("an amount is a number or a string of shillings")
    amount = Decimal(value)
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount is not negative")
    return shillings(amount)
