"""AppSync, as frontend-api calls it: IAM-signed publish mutations, several in one request."""

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from betsafi.aws import session
from betsafi.errors import Misconfigured
from betsafi.telemetry import misconfigured

_http = URLLib3Session(timeout=(2, 20))


class PublishRefused(Exception):
    """AppSync did not take the document: something in it is wrong."""


class Unavailable(Exception):
    """AppSync took nothing, whatever was in it: it is busy, broken, or does not know us."""


def publish(url: str, document: str, variables: dict[str, Any]) -> set[str]:
    """Run a document of publish mutations; return the aliases that failed.

    Raises PublishRefused, Unavailable, botocore's HTTPClientError and ConnectionError; and Misconfigured, with an
    alarm, where AppSync refuses us and not what we say: a permission, a key, an address.
    """
    content = json.dumps({"query": document, "variables": variables}, separators=(",", ":"))
    request = AWSRequest(method="POST", url=url, data=content, headers={"Content-Type": "application/json"})
    credentials = session().get_credentials().get_frozen_credentials()
    SigV4Auth(credentials, "appsync", session().get_config_variable("region")).add_auth(request)
    response = _http.send(request.prepare())
    if response.status_code in (401, 403, 404):
        misconfigured("AppSync", status=response.status_code)
        raise Misconfigured
    if response.status_code != 200:
        refusal = PublishRefused if response.status_code in (400, 413) else Unavailable
        raise refusal(f"AppSync answered {response.status_code}: {response.content[:300]!r}")
    errors = json.loads(response.content).get("errors") or []
    if any(not error.get("path") for error in errors):
        raise PublishRefused(f"AppSync refused the document: {[error.get('message') for error in errors]}")
    if any(error.get("errorType") == "Unauthorized" for error in errors):
        misconfigured("AppSync", mutations=sorted({error["path"][0] for error in errors}))
    return {error["path"][0] for error in errors}
