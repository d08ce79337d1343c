"""How the account of a player is stopped, where a test is about what follows from it."""

from datetime import timedelta

from betsafi import clock

DEADLINE = (clock.now() + timedelta(days=14)).date().isoformat()
WHY: dict[str, str] = {"reasonCode": "REQUEST", "deadline": DEADLINE, "reason": "asked for a break"}
"""What `suspendUser` takes beside the player."""
SUSPEND = f"""mutation($id: ID!) {{
  suspendUser(userId: $id, reasonCode: REQUEST, deadline: "{DEADLINE}", reason: "asked for a break") {{ status }}
}}"""
HOLD_MONEY = SUSPEND.replace("reasonCode: REQUEST", "reasonCode: LAW, holdMoney: true")
