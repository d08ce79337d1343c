"""A register of identities: it knows everybody until a script says otherwise, and it can be slow or down.

``POST /identity`` ``{"number": …}`` with kind, names and date of birth answers ``{"answer": …}``.
``POST /identity/_fake/scripts`` ``{"number": …, "answer": "MATCH" | "MISMATCH" | "UNKNOWN" | "DOWN" | "SLOW"}`` says
how it answers about a document from now on; ``GET /identity/_fake/asked`` counts what it was asked, by number.
"""

import asyncio
from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ANSWERS = ("MATCH", "MISMATCH", "UNKNOWN", "DOWN", "SLOW")


def routes(slow_seconds: float) -> list[Route]:
    """Return what such a register answers; what it knows is in its memory."""
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

    return [
        Route("/identity", identity, methods=["POST"]),
        Route("/identity/_fake/scripts", script, methods=["POST"]),
        Route("/identity/_fake/asked", questions, methods=["GET"]),
    ]
