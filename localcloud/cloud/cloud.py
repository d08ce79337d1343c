"""The local cloud as one thing: the emulator in a child process, our own parts in threads, all services deployed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.base.addresses import HOST, Addresses
from localcloud.cloud.deploying import deploy, verify_sender, wake
from localcloud.cloud.emulator import emulator
from localcloud.cloud.running import Cloud
from localcloud.cloud.servers import servers
from localcloud.cloud.starting import CannotStart, Report
from localcloud.cloud.state import check_format


@contextmanager
def local_cloud(addresses: Addresses, folder: Path, report: Report, *, fresh: bool = False) -> Iterator[Cloud]:
    """Run the local cloud with every service deployed until the block ends; then stop every part of it.

    State is kept in `folder`, and its logs are there; with `fresh` it starts from nothing. Raises CannotStart.
    """
    if busy := addresses.busy():
        raise CannotStart(
            f"Port {', '.join(map(str, busy))} on {HOST} is in use. Stop what listens there, or choose another first "
            f"port: make up PORT={addresses.port + 100}"
        )
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    check_format(folder)
    cloud = Cloud(addresses, folder)
    with emulator(addresses, folder, report), servers(cloud, report):
        verify_sender(addresses)
        deploy(addresses, folder, report)
        wake(addresses)
        yield cloud
