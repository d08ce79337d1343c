"""Take the pictures of docs/screenshots.md of what `make up` runs: `make screenshots [PORT=4566]`.

A player's way through the app, in a Chromium of a phone's size, and what staff see of it at their desks; each picture
is where that way has come to. The page is written from the same list. Needs Chromium, and its pictures are kept in the
repository, so that documents are built without one.
"""

import argparse
import base64
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from localcloud.base.addresses import DEFAULT_PORT, Addresses
from localcloud.cloud.running import Cloud, post_json
from localcloud.demo import staff
from localcloud.demo.seed import wait_for_code
from localcloud.journey.asking import new_phone
from tools.base.services import ROOT
from tools.base.waiting import PATIENCE_SECONDS
from tools.sign_in import totp

DOCUMENT = ROOT / "docs" / "screenshots.md"
FOLDER = ROOT / "docs" / "screenshots"
WIDTH, HEIGHT = 390, 780
DESK = {"width": 820, "height": 600}
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUALITY = 0.8
_WEBP = """async ([png, quality]) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const canvas = Object.assign(document.createElement('canvas'), {width: image.width, height: image.height});
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', quality).split(',')[1];
}"""


@dataclass
class Visit:
    """A new player's phone: the app's page, and the M-Pesa of its number; and the desk that was sat down at last."""

    cloud: Cloud
    page: Any
    number: str
    desk: Any = None

    def open(self, path: str) -> None:
        """Open a page of the app and wait until it has what it shows."""
        self.page.goto(f"{self.cloud.addresses.web}/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being loaded."""
        _settle(self.page)

    def sit_down(self, email: str) -> Any:
        """Sign somebody of the staff in at their desk; return its page."""
        page = self.desk = self.page.context.browser.new_context(viewport=DESK, locale="en-KE").new_page()
        page.set_default_timeout(1000 * PATIENCE_SECONDS)
        page.goto(f"{self.cloud.addresses.web}/desk")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(staff.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Code").fill(totp(staff.secrets_of(self.cloud)[email]))
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("navigation", name="Desks").wait_for()
        return page


def _settle(page: Any) -> None:
    page.get_by_role("heading").first.wait_for()
    page.get_by_text("Loading…").first.wait_for(state="detached")
    page.wait_for_load_state("networkidle")


def _lobby(visit: Visit) -> Any:
    visit.open("")
    visit.page.get_by_role("combobox").select_option(label="England · Premier League")
    visit.page.get_by_role("link", name=re.compile("Arsenal")).wait_for()
    visit.settle()
    return visit.page


def _match(visit: Visit) -> Any:
    visit.page.get_by_role("link", name=re.compile("Arsenal")).click()
    visit.settle()
    return visit.page


def _slip(visit: Visit) -> Any:
    visit.open("")
    visit.page.get_by_role("button", name=re.compile("Arsenal.*: Arsenal 1 ")).click()
    visit.page.get_by_role("link", name=re.compile("Open slip")).click()
    visit.page.get_by_role("link", name="Sign in to place it").wait_for()
    return visit.page


def _code(visit: Visit) -> Any:
    page = visit.page
    page.get_by_role("link", name="Sign in to place it").click()
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Phone number").fill(f"0{visit.number[4:]}")
    page.get_by_label("Date of birth").fill("1990-06-15")
    page.get_by_label("I am 18 or older").check()
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(wait_for_code(visit.cloud, visit.number))
    return page


def _deposit(visit: Visit) -> Any:
    page = visit.page
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Deposit", exact=True).click()
    page.get_by_label("Amount in shillings").fill("1000")
    page.get_by_role("button", name="Ask M-Pesa").click()
    page.get_by_role("link", name=re.compile("Open the phone")).wait_for()
    return page


def _prompt(visit: Visit) -> Any:
    with visit.page.expect_popup() as opened:
        visit.page.get_by_role("link", name=re.compile("Open the phone")).click()
    phone = opened.value
    phone.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    phone.get_by_label("Enter M-PESA PIN").wait_for()
    return phone


def _placed(visit: Visit) -> Any:
    phone, page = visit.page.context.pages[-1], visit.page
    phone.get_by_label("Enter M-PESA PIN").fill("1234")
    phone.get_by_role("button", name="Send").click()
    page.get_by_role("link", name="Back to the slip").click()
    page.get_by_role("button", name="Place bet").click()
    page.get_by_text("Your bet is accepted.").wait_for()
    phone.close()
    return page


def _at(path: str) -> Callable[[Visit], Any]:
    def go(visit: Visit) -> Any:
        visit.open(path)
        return visit.page

    return go


def _desk_game(visit: Visit) -> Any:
    page = visit.sit_down("trader1@staff.example")
    page.get_by_label("Search a team").fill("arsenal")
    page.get_by_role("link", name=re.compile("Arsenal")).first.click()
    page.get_by_text("Exposure", exact=True).first.click()
    page.get_by_role("row").first.wait_for()
    _settle(page)
    page.locator("[data-market]").first.scroll_into_view_if_needed()
    return page


def _desk_payments(visit: Visit) -> Any:
    """Of a payment by hand under a number that nobody has, which M-Pesa did not ask us about first."""
    daraja = f"{visit.cloud.addresses.daraja}/_fake"
    post_json(f"{daraja}/validation", {"on": False})
    try:
        post_json(f"{daraja}/c2b", {"phone": visit.number.lstrip("+"), "amount": 400, "account": "MY PHONE"})
        page = visit.sit_down("admin1@staff.example")
        page.get_by_role("button", name="Nobody’s yet").click()
        page.get_by_text("Give it to a player").last.click()
    finally:
        post_json(f"{daraja}/validation", {"on": True})
    _settle(page)
    return page


def _desk_player(visit: Visit) -> Any:
    player = visit.page.evaluate("JSON.parse(localStorage.getItem('betsafi.session')).state.userId")
    visit.desk.goto(f"{visit.cloud.addresses.web}/desk/players/{player}")
    visit.desk.get_by_text(re.compile("KES.1,000")).first.wait_for()
    _settle(visit.desk)
    return visit.desk


def _desk_trail(visit: Visit) -> Any:
    visit.desk.get_by_role("link", name="Approvals and trail").click()
    visit.desk.get_by_role("button", name="All that was done").click()
    visit.desk.get_by_role("listitem").first.wait_for()
    _settle(visit.desk)
    return visit.desk


class Picture(NamedTuple):
    """A picture: its file, what it shows, and how a visit comes from the one before to the page that is taken."""

    name: str
    says: str
    go: Callable[[Visit], Any]


PARTS: dict[str, tuple[Picture, ...]] = {
    "Looking around": (
        Picture("lobby", "The lobby, without signing in", _lobby),
        Picture("match", "A match and its markets", _match),
        Picture("slip", "The slip of a guest", _slip),
    ),
    "Signing up and paying in": (
        Picture("code", "The code from the SMS", _code),
        Picture("deposit", "A deposit that waits for the phone", _deposit),
        Picture("prompt", "The phone: M-Pesa asks for the PIN", _prompt),
    ),
    "Betting": (
        Picture("placed", "A bet is accepted", _placed),
        Picture("bets", "My bets", _at("bets")),
        Picture("statement", "Every movement of the money", _at("account/statement")),
    ),
    "Staying in control": (
        Picture("limits", "Limits and breaks", _at("account/protection")),
        Picture("inbox", "Messages", _at("account/inbox")),
        Picture("account", "The account", _at("account")),
    ),
    "At the desks": (
        Picture("desk_game", "A trader's game: odds, suspending, exposure", _desk_game),
        Picture("desk_payments", "Money that is nobody's yet", _desk_payments),
        Picture("desk_player", "A player, from every service", _desk_player),
        Picture("desk_trail", "What staff did", _desk_trail),
    ),
}
"""Every picture, in the order in which one visit takes them."""


def document() -> str:
    """Return the page that shows the pictures."""
    taken = "Taken by `make screenshots` of what `make up` serves, on a phone's screen; the desks on a wider one."
    parts = [f"# The app in pictures\n\n{taken}\n"]
    for title, pictures in PARTS.items():
        shown = "\n".join(f"![{one.says}]({FOLDER.name}/{one.name}.webp)" for one in pictures)
        says = " · ".join(one.says for one in pictures)
        parts.append(f"## {title}\n\n{shown}\n\n{says}\n")
    return "\n".join(parts)


def executable() -> str | None:
    """Return where this machine's Chromium is, or None."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def take(cloud: Cloud, chromium: str, folder: Path) -> None:
    """Take every picture into a folder, which then has these alone."""
    from playwright.sync_api import ViewportSize, sync_playwright

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        screen: ViewportSize = {"width": WIDTH, "height": HEIGHT}
        context = browser.new_context(viewport=screen, locale="en-KE", timezone_id="Africa/Nairobi")
        context.set_default_timeout(1000 * PATIENCE_SECONDS)
        visit, encoder = Visit(cloud, context.new_page(), new_phone()), browser.new_page()
        for one in (picture for pictures in PARTS.values() for picture in pictures):
            png = base64.b64encode(one.go(visit).screenshot(animations="disabled")).decode()
            webp = base64.b64decode(encoder.evaluate(_WEBP, [png, _QUALITY]))
            (folder / f"{one.name}.webp").write_bytes(webp)
            print(f"{one.name:<13} {len(webp) / 1000:5.1f} KB", flush=True)
        browser.close()


def main() -> int:
    """Take the pictures and write their page; 1 with a sentence where that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m localcloud.screenshots", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    addresses = Addresses(parser.parse_args().port)
    chromium = executable()
    if chromium is None:
        print("No Chromium was found; install it with: apt-get install -y chromium", file=sys.stderr)
        return 1
    if len(addresses.busy()) < len(addresses.ports):
        print(f"No local cloud runs from port {addresses.port} on; start it with make up.", file=sys.stderr)
        return 1
    take(Cloud(addresses, ROOT / ".localcloud" / str(addresses.port)), chromium, FOLDER)
    DOCUMENT.write_text(document())
    return 0


if __name__ == "__main__":
    sys.exit(main())
