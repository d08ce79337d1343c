"""One emulator for the whole session, and moto for a second reading; the services' clients are pointed at either."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from moto import mock_aws

from betsafi import aws as aws_clients
from tests.support.emulator import CREDENTIALS, MOTO, running_emulator
from tests.support.moto_answers import quick_answers
from tests.support.moto_transactions import quick_transactions


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on the emulator, and one that is marked so on moto too.

    Not what is concurrent, as moto has no locks, nor what asks DynamoDB for nothing that others on moto do not.
    """
    if "emulator" not in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker
    twice = marked("both_emulators") and not (marked("concurrent") or marked("one_emulator"))
    servers = [pytest.param("ministack", id=pytest.HIDDEN_PARAM)]
    if twice:
        servers.append(pytest.param("moto", marks=pytest.mark.full))
    metafunc.parametrize("emulator", servers, indirect=True, scope="module")


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator's address."""
    with running_emulator(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture(scope="module")
def emulator(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of what stands for AWS; `betsafi.aws` clients made by this module's tests talk to it."""
    with ExitStack() as stack:
        if request.param == "moto":
            stack.enter_context(mock_aws())
            url = MOTO
        else:
            url = request.getfixturevalue("ministack")
        patch = stack.enter_context(pytest.MonkeyPatch.context())  # after moto's own settings, so that these end first
        if request.param == "moto":
            quick_transactions(patch)
            quick_answers(patch)
        here = {"AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1", "STAGE": "local"}
        for name, value in {**CREDENTIALS, **here}.items():
            patch.setenv(name, value)
        aws_clients.session.cache_clear()
        aws_clients.client.cache_clear()
        yield url
