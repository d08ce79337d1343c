"""How staff sign in with Cognito: by SRP, so that no password is sent, and with a code of their authenticator.

Nothing here is of the laptop alone. `python -m tools.sign_in code SECRET` is an authenticator; `python -m tools.sign_in
token --stage dev --email asha@example.com` signs in and prints a token for the API.
Source: RFC 5054 (SRP), RFC 6238 (TOTP); Cognito's SRP as its public client libraries do it: the 3072-bit group with
generator 2, SHA-256, and a key derived under the words "Caldera Derived Key".
"""

import argparse
import base64
import hashlib
import hmac
import secrets
import struct
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from getpass import getpass
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from tools.base import asking

_N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_G = 2
_STEP_SECONDS = 30
_CHALLENGES = 3
"""A password, an authenticator and its code: nobody is asked for more."""


def totp(secret: str, moment: float | None = None) -> str:
    """Return the six digits that an authenticator with this secret (base32) shows, now or at a time."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    step = int(time.time() if moment is None else moment) // _STEP_SECONDS
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def sign_in(
    cognito: Any,
    pool_id: str,
    client_id: str,
    name: str,
    password: str,
    code: Callable[[str], str],
    new_password: Callable[[], str] | None = None,
) -> dict[str, Any]:
    """Return the tokens of somebody who works here, the first time too.

    `code` is asked for the authenticator's code, with the secret for a new authenticator where there is none yet, else
    with nothing. `new_password` is asked where the password was given by somebody else. Raises ClientError with
    Cognito's refusal, RuntimeError where it asks for something else.
    """
    answer = show_password(cognito, pool_id, client_id, name, password)
    for _ in range(_CHALLENGES):
        if "AuthenticationResult" in answer:
            return dict(answer["AuthenticationResult"])
        challenge, session, given = answer["ChallengeName"], answer["Session"], {}
        if challenge == "NEW_PASSWORD_REQUIRED" and new_password:
            given = {"NEW_PASSWORD": new_password()}
        elif challenge == "MFA_SETUP":
            started = cognito.associate_software_token(Session=session)
            shown = code(started["SecretCode"])
            session = cognito.verify_software_token(Session=started["Session"], UserCode=shown)["Session"]
        elif challenge == "SOFTWARE_TOKEN_MFA":
            given = {"SOFTWARE_TOKEN_MFA_CODE": code("")}
        else:
            break
        user = answer["ChallengeParameters"]["USER_ID_FOR_SRP"]
        answer = {
            "ChallengeParameters": {"USER_ID_FOR_SRP": user},
            **cognito.respond_to_auth_challenge(
                ClientId=client_id,
                ChallengeName=challenge,
                Session=session,
                ChallengeResponses={"USERNAME": user, **given},
            ),
        }
    raise RuntimeError(f"Cognito asks for {answer.get('ChallengeName')}")


def show_password(cognito: Any, pool_id: str, client_id: str, name: str, password: str) -> dict[str, Any]:
    """Prove a password by SRP and return what Cognito asks for next. Raises ClientError."""
    a = secrets.randbelow(_N - 2) + 1
    big_a = pow(_G, a, _N)
    asked = cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": name, "SRP_A": f"{big_a:x}"}
    )["ChallengeParameters"]
    user, pool = asked["USER_ID_FOR_SRP"], pool_id.split("_", 1)[1]
    big_b = int(asked["SRP_B"], 16)
    if big_b % _N == 0:
        raise ValueError("The server's half of the key proves nothing.")
    mixed = _hash(_padded(big_a), _padded(big_b))
    inner = hashlib.sha256(f"{pool}{user}:{password}".encode()).digest()
    x = _hash(_padded(int(asked["SALT"], 16)), inner)
    shared = pow(big_b - _hash(_padded(_N), _padded(_G)) * pow(_G, x, _N), a + mixed * x, _N)
    derived = hmac.new(_padded(mixed), _padded(shared), hashlib.sha256).digest()
    key = hmac.new(derived, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]
    now = datetime.now(UTC)
    stamp = f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now.year}"
    signed = f"{pool}{user}".encode() + base64.b64decode(asked["SECRET_BLOCK"]) + stamp.encode()
    answer: dict[str, Any] = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": asked["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode(),
            "TIMESTAMP": stamp,
        },
    )
    answer.setdefault("ChallengeParameters", {}).setdefault("USER_ID_FOR_SRP", user)
    return answer


def _padded(number: int) -> bytes:
    """Return a number's bytes, with a zero before them where it would look negative, as the client libraries do."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def main() -> int:
    """Show an authenticator's code, or sign in to a stage and print the token for the API."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("code", help="show the code of an authenticator's secret").add_argument("secret")
    token = commands.add_parser("token", help="sign in and print an ID token, good for five minutes")
    token.add_argument("--stage", required=True)
    token.add_argument("--email", required=True)
    given = parser.parse_args()
    if given.command == "code":
        print(totp(given.secret))
        return 0
    parameters = boto3.client("ssm").get_parameters(
        Names=[f"/betsafi/{given.stage}/platform/staff/{name}/id" for name in ("client", "pool")]
    )["Parameters"]
    if len(parameters) != 2:
        print(f"There is no stage {given.stage} in this account and region.", file=sys.stderr)
        return 1
    client_id, pool_id = (found["Value"] for found in sorted(parameters, key=lambda found: found["Name"]))
    cognito = boto3.client("cognito-idp", config=Config(signature_version=UNSIGNED))
    password = getpass("Password: ")
    tokens = sign_in(cognito, pool_id, client_id, given.email, password, _ask_code, lambda: getpass("New password: "))
    print(tokens["IdToken"])
    return 0


def _ask_code(secret: str) -> str:
    if secret:
        print(f"Add this to an authenticator: {secret}", file=sys.stderr)
    return getpass("Code of the authenticator: ")


if __name__ == "__main__":
    asking.run(main)
