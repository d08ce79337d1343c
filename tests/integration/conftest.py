"""One emulator for the whole session; the services' clients are pointed at it."""

from collections.abc import Iterator

import pytest

from betsafi import aws as aws_clients
from tests.support.emulator import CREDENTIALS, running_emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator's address; `betsafi.aws` clients made in this session talk to it."""
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1"}.items():
            patch.setenv(name, value)
        aws_clients.session.cache_clear()
        aws_clients.client.cache_clear()
        yield url
