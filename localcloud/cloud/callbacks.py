"""The short `/cb` proxy: M-Pesa may not call a URL that contains "exec", which API Gateway's own host does."""

import asyncio

import aiohttp
import boto3
from botocore.exceptions import ClientError
from starlette.requests import Request
from starlette.responses import Response

from localcloud.base.addresses import CREDENTIALS, REGION, STAGE

PARAMETER = f"/betsafi/{STAGE}/payment/callbacks/url"


class CallbackProxy:
    """Forwards `/cb/…` to the payment service's API on the emulator, body and content type untouched."""

    def __init__(self, emulator_url: str) -> None:
        self._emulator_url = emulator_url
        self._base: str | None = None

    async def forward(self, request: Request) -> Response:
        """Return the API's own answer to the request; 502 while the payment service is not deployed here."""
        body = await request.body()
        if self._base is None:
            self._base = await asyncio.to_thread(self._find)
        if self._base is None:
            return Response("The payment service is not deployed.", status_code=502)
        kind = request.headers.get("content-type")
        async with (
            aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session,
            session.post(
                self._base + request.url.path,
                data=body,
                headers={"Content-Type": kind} if kind else {},
                allow_redirects=False,
            ) as answer,
        ):
            content = await answer.read()
            if answer.status in (403, 404):
                self._base = None  # deployed anew under another id
            return Response(content, answer.status, media_type=answer.headers.get("content-type"))

    def _find(self) -> str | None:
        """Return the API's address; None while it is not deployed, or not on the emulator."""
        ssm = boto3.client(
            "ssm",
            endpoint_url=self._emulator_url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
        try:
            base = str(ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ParameterNotFound":
                return None
            raise
        return base if base.startswith(f"{self._emulator_url}/") else None
