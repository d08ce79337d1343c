"""What wallet and payment must know of who a player is, before money moves: what their identity lets them do, and
whether terms wait for them.
"""

from typing import Any

from users import rules
from users.stores import identity, people


def known(user_id: str) -> dict[str, Any]:
    """Return it as their APIs take it: cents a day by what they are for, null for no limit. Raises NotFound."""
    profile, stands = people.get_profile(user_id), identity.find_identity(user_id)
    return {
        "allowed": rules.allowed(stands["state"], rules.in_force()),
        "termsDue": rules.terms_due(profile, rules.in_force()),
    }


def reach(user_id: str) -> None:
    """Have wallet and payment know it. They will take it in the body of their `…/protection`, which is not there yet:
    whoever adds that sends `known` from here."""
    known(user_id)
