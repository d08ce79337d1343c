"""A register of identities that answers as it is told: MATCH, unless a script says otherwise.

`POST /identity` is what the service asks. `POST /script` {"number": …, "answer": "MATCH" | "MISMATCH" | "UNKNOWN" |
"DOWN" | "SLOW"} says how it answers about a document from now on; `GET /asked` counts its questions by number.
"""

import asyncio
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ANSWERS = ("MATCH", "MISMATCH", "UNKNOWN", "DOWN", "SLOW")
SLOW_SECONDS = 12.0
"""Longer than the service waits."""


def create_app(slow_seconds: float = SLOW_SECONDS) -> Starlette:
    """Return a register that knows everybody, until it is told otherwise."""
    scripted: dict[str, str] = {}
    asked: Counter[str] = Counter()

    async def identity(request: Request) -> Response:
        number = str((await request.json())["number"])
        asked[number] += 1
        answer = scripted.get(number, "MATCH")
        if answer == "SLOW":
            await asyncio.sleep(slow_seconds)
        if answer in ("DOWN", "SLOW"):
            return Response(status_code=503)
        return JSONResponse({"answer": answer})

    async def script(request: Request) -> Response:
        told = await request.json()
        if told.get("answer") not in ANSWERS:
            return JSONResponse({"error": f"answer is one of {', '.join(ANSWERS)}"}, 400)
        scripted[str(told["number"])] = told["answer"]
        return JSONResponse({})

    async def questions(_: Request) -> Response:
        return JSONResponse(dict(asked))

    return Starlette(
        routes=[
            Route("/identity", identity, methods=["POST"]),
            Route("/script", script, methods=["POST"]),
            Route("/asked", questions, methods=["GET"]),
        ]
    )
