"""A register of excluded players: nobody is on it until a script says so, and it can be slow or down.

``POST /exclusion/check`` ``{"subject": sha256 of a phone number}`` answers ``{"listed": …}``.
``GET``, ``POST`` and ``DELETE /exclusion/_fake/scripts`` show, add and forget scripts: ``{"phone": "+2547…", "answer":
"listed"}``, or for everybody (no phone) ``{"answer": "down"}`` or ``"clear"``; ``"seconds"`` is for how long it takes.
Of two about one phone the newer holds, and one about a phone before one about everybody.
"""

import asyncio
import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ANSWERS = ("clear", "listed", "down")


def routes() -> list[Route]:
    """Return what such a register answers; what it knows is in its memory."""
    scripts: dict[str, dict[str, Any]] = {}

    async def check(request: Request) -> Response:
        subject = (await request.json())["subject"]
        script = scripts.get(subject) or scripts.get("") or {"answer": "clear"}
        await asyncio.sleep(float(script.get("seconds", 0)))
        if script["answer"] == "down":
            return JSONResponse({"error": "out of order"}, 503)
        return JSONResponse({"listed": script["answer"] == "listed"})

    async def write(request: Request) -> Response:
        if request.method == "DELETE":
            scripts.clear()
        if request.method == "POST":
            script = await request.json()
            if script.get("answer") not in ANSWERS:
                return JSONResponse({"error": f"answer is one of {', '.join(ANSWERS)}"}, 400)
            phone = script.get("phone", "")
            scripts[hashlib.sha256(phone.encode()).hexdigest() if phone else ""] = script
        return JSONResponse(list(scripts.values()))

    return [
        Route("/exclusion/check", check, methods=["POST"]),
        Route("/exclusion/_fake/scripts", write, methods=["GET", "POST", "DELETE"]),
    ]
