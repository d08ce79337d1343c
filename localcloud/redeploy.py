"""Deploy one service into the running local cloud: `python -m localcloud.redeploy wallet [--port 4566]`."""

import argparse
import subprocess
import sys

from localcloud.base.addresses import DEFAULT_PORT, STAGE, Addresses
from localcloud.cloud.deploying import deploy_environment, deployed, wake
from localcloud.cloud.starting import CannotStart


def main() -> int:
    """Deploy the service as `make up` would; return sls's exit code, or 1 with a sentence if nothing runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", choices=deployed())
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    given = parser.parse_args()
    addresses = Addresses(given.port)
    if len(addresses.busy()) < len(addresses.ports):
        print(f"No local cloud runs from port {given.port} on; start it with make up.")
        return 1
    folder, command = deployed()[given.service], ["sls", "deploy", "--stage", STAGE]
    if code := subprocess.run(command, cwd=folder, env=deploy_environment(addresses), check=False).returncode:
        return code
    try:
        wake(addresses)
    except CannotStart as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
