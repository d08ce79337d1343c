"""`make up`: the whole platform on a laptop. `python -m localcloud [--port 4566] [--once] [--fresh]`"""

import argparse
import signal
import sys
import threading
import time
from pathlib import Path

from localcloud.base.addresses import DEFAULT_PORT, Addresses
from localcloud.cloud.cloud import local_cloud
from localcloud.cloud.documents import documents
from localcloud.cloud.running import Cloud, parameter
from localcloud.cloud.starting import CannotStart
from localcloud.demo import staff
from localcloud.demo.seed import PASSWORD, PEOPLE, seed
from localcloud.journey import run as journey
from tools.base.services import ROOT

_ENDS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Bring the platform up, run the journey, keep serving until Ctrl-C; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="the first of eight ports in a row")
    parser.add_argument("--once", action="store_true", help="stop after the journey")
    parser.add_argument("--fresh", action="store_true", help="forget all state first")
    given = parser.parse_args()
    stop = threading.Event()
    for name in _ENDS:
        signal.signal(name, _interrupt)
    folder = ROOT / ".localcloud" / str(given.port)
    try:
        with local_cloud(Addresses(given.port), folder, progress, fresh=given.fresh) as cloud:
            seed(cloud)
            progress("demo users and sample fixtures are there")
            fine = _journey(cloud)
            if given.once:
                return 0 if fine else 1
            with documents(folder):
                _addresses(cloud)
                while not stop.wait(3600):
                    pass
    except CannotStart as error:
        print(f"\n✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what was done is kept for the next `make up` (make up FRESH=1 starts anew).")
        return 0
    return 0


_begun = time.monotonic()


def progress(text: str) -> None:
    """Print a line of progress with the seconds so far."""
    print(f"{time.monotonic() - _begun:6.1f} s  {text}", flush=True)


def _interrupt(number: int, frame: object) -> None:
    """End in order, once: make passes on to us what a group was sent, and so had we."""
    for name in _ENDS:
        signal.signal(name, signal.SIG_IGN)
    raise KeyboardInterrupt


def _journey(cloud: Cloud) -> bool:
    print("\nThe journey of a player:\n")

    def report(step: journey.Result) -> None:
        print(f"  {'✗' if step.failure else '✓'} {step.seconds:6.2f} s  {step.name}", flush=True)
        print(f"               {step.failure or step.seen}", flush=True)

    fine = journey.run(cloud, report)
    logs = Path(cloud.folder).relative_to(ROOT)
    print("\nEvery promise was kept." if fine else f"\n✗ The journey broke; logs are in {logs}", flush=True)
    return fine


def _addresses(cloud: Cloud) -> None:
    at = cloud.addresses
    people = "\n".join(f"  {person.role:<8} {person.phone}" for person in PEOPLE)
    secrets = staff.secrets_of(cloud)
    workers = "\n".join(f"  {member.group:<8} {member.email}  {secrets[member.email]}" for member in staff.MEMBERS)
    print(f"""
  The app                 {at.web}
  The desks of staff      {at.web}/desk
  The documents           {at.docs}

  GraphQL and real time   {at.appsync}
  without signing in      header x-api-key: {parameter(at, "frontend-api/lobby/key")}
  the same over TLS       {at.secure}
                          (trust {cloud.tls.authority})
  Cognito                 {at.cognito}
  a phone's M-Pesa        {at.daraja}/phone/254700000001
  SMS and e-mails         {at.inbox}
  AWS endpoint            {at.emulator}

Demo players, password {PASSWORD}
{people}

Demo staff, password {staff.PASSWORD}, and their authenticators' secrets
(`.venv/bin/python -m tools.sign_in code SECRET` shows a code)
{workers}

Ctrl-C stops everything.
""")


if __name__ == "__main__":
    sys.exit(main())
