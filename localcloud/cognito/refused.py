"""How the local Cognito refuses."""


class Refused(Exception):
    """Cognito's answer to a call that is not carried out, or of which a part failed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


WRONG_PASSWORD = "Incorrect username or password"


def trigger_failed(trigger: str, message: str) -> Refused:
    """Return Cognito's answer where a trigger raised, with what it raised."""
    return Refused("UserLambdaValidationException", f"{trigger} failed with error {message}.")
