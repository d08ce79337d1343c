"""How staff sign in with Cognito: by SRP, so that no password is sent, and with a code of their authenticator.

Nothing here is of the laptop alone. `python -m tools.sign_in SECRET` is an authenticator: it shows the code of a secret.
Source: RFC 5054 (SRP), RFC 6238 (TOTP); Cognito's SRP as its public client libraries do it: the 3072-bit group with
generator 2, SHA-256, and a key derived under the words "Caldera Derived Key".
"""

import base64
import hashlib
import hmac
import secrets
import struct
import sys
import time
from datetime import UTC, datetime
from typing import Any

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


def totp(secret: str, moment: float | None = None) -> str:
    """Return the six digits that an authenticator with this secret (base32) shows, now or at a time."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    step = int(time.time() if moment is None else moment) // _STEP_SECONDS
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def sign_in(cognito: Any, pool_id: str, client_id: str, name: str, password: str, secret: str) -> dict[str, Any]:
    """Return the tokens of somebody who has an authenticator. Raises ClientError with Cognito's answer."""
    answer = show_password(cognito, pool_id, client_id, name, password)
    given = {"SOFTWARE_TOKEN_MFA_CODE": totp(secret)}
    tokens: dict[str, Any] = _answer(cognito, client_id, answer, "SOFTWARE_TOKEN_MFA", given)["AuthenticationResult"]
    return tokens


def first_sign_in(
    cognito: Any, pool_id: str, client_id: str, name: str, given_password: str, password: str
) -> tuple[str, dict[str, Any]]:
    """Replace the password that was given by one's own and set up an authenticator; return its secret and the tokens.

    Raises ClientError with Cognito's answer.
    """
    answer = show_password(cognito, pool_id, client_id, name, given_password)
    answer = _answer(cognito, client_id, answer, "NEW_PASSWORD_REQUIRED", {"NEW_PASSWORD": password})
    started = cognito.associate_software_token(Session=answer["Session"])
    secret = started["SecretCode"]
    verified = cognito.verify_software_token(Session=started["Session"], UserCode=totp(secret))
    tokens = _answer(cognito, client_id, {**answer, **verified}, "MFA_SETUP", {})["AuthenticationResult"]
    return secret, tokens


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


def _answer(cognito: Any, client_id: str, asked: dict[str, Any], challenge: str, given: dict[str, str]) -> Any:
    """Answer a challenge. Raises RuntimeError where Cognito asked for another one, ClientError with its refusal."""
    if asked.get("ChallengeName") != challenge:
        raise RuntimeError(f"Cognito asks for {asked.get('ChallengeName')}, not for {challenge}")
    user = asked["ChallengeParameters"]["USER_ID_FOR_SRP"]
    answer = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName=challenge,
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": user, **given},
    )
    answer.setdefault("ChallengeParameters", {}).setdefault("USER_ID_FOR_SRP", user)
    return answer


def _padded(number: int) -> bytes:
    """Return a number's bytes, with a zero before them where it would look negative, as the client libraries do."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


if __name__ == "__main__":
    print(totp(sys.argv[1]))
