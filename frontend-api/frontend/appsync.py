"""AppSync, as frontend-api calls it: IAM-signed publish mutations, several in one request."""

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session

from betsafi.aws import session

_http = URLLib3Session(timeout=(2, 20))


class PublishRefused(Exception):
    """AppSync did not take the request. `by_document`: for something that is in it, and not for being busy or away."""

    def __init__(self, text: str, *, by_document: bool = False) -> None:
        super().__init__(text)
        self.by_document = by_document


def publish(url: str, document: str, variables: dict[str, Any]) -> set[str]:
    """Run a document of publish mutations; return the aliases that failed. Raises PublishRefused."""
    content = json.dumps({"query": document, "variables": variables}, separators=(",", ":"))
    request = AWSRequest(method="POST", url=url, data=content, headers={"Content-Type": "application/json"})
    credentials = session().get_credentials().get_frozen_credentials()
    SigV4Auth(credentials, "appsync", session().get_config_variable("region")).add_auth(request)
    try:
        response = _http.send(request.prepare())
    except HTTPClientError as error:
        raise PublishRefused("AppSync does not answer") from error
    if response.status_code != 200:
        text = f"AppSync answered {response.status_code}: {response.content[:300]!r}"
        raise PublishRefused(text, by_document=response.status_code in (400, 413))
    errors = json.loads(response.content).get("errors") or []
    if any(not error.get("path") for error in errors):
        text = f"AppSync refused the document: {[error.get('message') for error in errors]}"
        raise PublishRefused(text, by_document=True)
    return {error["path"][0] for error in errors}
