"""A customer's phone as a page: the STK prompt, a PIN, approve or cancel, M-Pesa's SMS. Works without JavaScript."""

from __future__ import annotations

import hashlib
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from .rules import MSISDN
from .scripts import Script
from .state import Push
from .wire import EAT

if TYPE_CHECKING:
    from .app import Fake

STYLE = """
:root { color-scheme: light; --green: #0b8a3e; --ink: #17211b; --line: #dfe5e1; --soft: #f4f7f5; }
* { box-sizing: border-box; }
body { margin: 0; background: #e8edea; color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 400px; min-height: 100vh; margin: 0 auto; background: #fff; }
header { background: var(--green); color: #fff; padding: 1.1rem 1.25rem; }
header h1 { margin: 0; font-size: 1.15rem; } header p { margin: .15rem 0 0; opacity: .9; }
section { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); }
h2 { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: #5b6a61; margin: 0 0 .6rem; }
.prompt { background: var(--soft); border: 1px solid var(--line); border-radius: 14px; padding: 1rem;
  margin-bottom: .8rem; }
.prompt p { margin: 0 0 .8rem; } label { display: block; font-size: .85rem; margin-bottom: .25rem; }
input { width: 100%; padding: .6rem .7rem; font: inherit; border: 1px solid #b9c4bd; border-radius: 9px; }
.row { display: flex; gap: .6rem; margin-top: .8rem; }
button { flex: 1; padding: .65rem; border-radius: 9px; border: 1px solid var(--green); font: inherit; cursor: pointer; }
button.go { background: var(--green); color: #fff; } button.no { background: #fff; color: var(--green); }
.sms { background: var(--soft); border-radius: 12px; padding: .7rem .85rem; margin: 0 0 .6rem; }
.sms time { display: block; font-size: .75rem; color: #5b6a61; margin-top: .25rem; }
.quiet { color: #5b6a61; margin: 0; } a { color: var(--green); } summary { cursor: pointer; }
"""

# The screen is only replaced when it changed, so that a half-typed PIN stays.
SCRIPT = """
const screen = document.getElementById('screen');
async function refresh() {
  try {
    const answer = await fetch(location.pathname + '/screen');
    const version = answer.headers.get('X-Screen');
    if (answer.ok && version !== screen.dataset.version) {
      screen.innerHTML = await answer.text();
      screen.dataset.version = version;
      const pin = screen.querySelector('input[name=pin]');
      if (pin) pin.focus();
    }
  } catch (error) { console.warn('the phone lost its network', error); }
}
setInterval(refresh, 1000);
"""


def routes(fake: Fake) -> list[Route]:
    """Return the phone pages over ``fake``."""

    async def page(request: Request) -> Response:
        msisdn = request.path_params["msisdn"]
        if not MSISDN.fullmatch(msisdn):
            text = "This is not a Kenyan mobile number. It has 12 digits and begins with 2547 or 2541."
            return HTMLResponse(_frame("Phone", f"<section><p>{text}</p></section>", ""), 404)
        screen = render_screen(fake, msisdn)
        return HTMLResponse(_frame(msisdn, screen, _version(screen), fake.settings.inbox_url))

    async def part(request: Request) -> Response:
        msisdn = request.path_params["msisdn"]
        if not MSISDN.fullmatch(msisdn):
            return Response(status_code=404)
        screen = render_screen(fake, msisdn)
        return HTMLResponse(screen, headers={"X-Screen": _version(screen), "Cache-Control": "no-store"})

    async def press(request: Request) -> Response:
        msisdn, checkout = request.path_params["msisdn"], request.path_params["checkout_request_id"]
        form = _form(await request.body())
        push = fake.mpesa.state.pushes.get(checkout)
        # A prompt that has gone in the meantime is no error: the page then shows what became of it.
        if push is not None and push.phone == msisdn and push.result_code is None:
            action = "approve" if form.get("action") == "approve" else "cancel"
            fake.mpesa.answer_prompt(checkout, action, form.get("pin", ""), fake.clock.now())
            fake.courier.wake()
        return RedirectResponse(f"/phone/{msisdn}", 303)

    async def pay(request: Request) -> Response:
        msisdn, form = request.path_params["msisdn"], _form(await request.body())
        amount, account = form.get("amount", ""), form.get("account", "").strip()
        if (
            amount.isascii()
            and amount.isdigit()
            and 1 <= int(amount) <= 250_000
            and account
            and MSISDN.fullmatch(msisdn)
        ):
            script = fake.scripts.take("c2b", msisdn, int(amount), account) or Script()
            fake.mpesa.pay_bill(
                fake.settings.shortcode, msisdn, int(amount), account, "Pay Bill", script, fake.clock.now()
            )
            fake.courier.wake()
        return RedirectResponse(f"/phone/{msisdn}", 303)

    return [
        Route("/phone/{msisdn}", page),
        Route("/phone/{msisdn}/screen", part),
        Route("/phone/{msisdn}/prompts/{checkout_request_id}", press, methods=["POST"]),
        Route("/phone/{msisdn}/paybill", pay, methods=["POST"]),
    ]


def render_screen(fake: Fake, msisdn: str) -> str:
    """Return what the phone shows now, as an HTML fragment."""
    now = fake.clock.now()
    line = fake.mpesa.phone(msisdn, now)
    prompts = [_prompt(fake, push) for push in fake.mpesa.open_prompts(now, msisdn)]
    texts = [
        f'<article class="sms" data-testid="sms">{escape(sms.text)}'
        f"<time>{sms.at.astimezone(EAT):%d %b %Y, %H:%M}</time></article>"
        for sms in reversed(fake.mpesa.state.sms) if sms.to == msisdn
    ]  # fmt: skip
    balance = fake.mpesa.state.books.balance(f"phone:{msisdn}")
    locked = " · PIN locked" if line.locked else ""
    quiet = '<p class="quiet">Nothing to approve.</p>'
    return (
        f'<section><h2>M-PESA</h2><p class="quiet" data-testid="balance">Balance KES {balance:,}{locked}</p></section>'
        f"<section><h2>Prompt</h2>{''.join(prompts) or quiet}</section>"
        f"<section><h2>Lipa na M-PESA</h2>{_paybill_form(fake, msisdn)}</section>"
        f"<section><h2>Messages</h2>{''.join(texts) or '<p class=quiet>No messages yet.</p>'}</section>"
    )


def _prompt(fake: Fake, push: Push) -> str:
    name, checkout = escape(fake.settings.organisation_name), escape(push.checkout_request_id, quote=True)
    return (
        f'<form class="prompt" data-testid="prompt" method="post" action="/phone/{push.phone}/prompts/{checkout}">'
        f"<p>Do you want to pay <strong>KES {push.amount:,}</strong> to <strong>{name}</strong>, account "
        f"<strong>{escape(push.account_reference)}</strong>?</p>"
        f'<label for="pin-{checkout}">Enter M-PESA PIN</label>'
        f'<input id="pin-{checkout}" name="pin" type="password" inputmode="numeric" autocomplete="off" maxlength="8">'
        '<div class="row"><button class="go" name="action" value="approve">Send</button>'
        '<button class="no" name="action" value="cancel">Cancel</button></div></form>'
    )


def _paybill_form(fake: Fake, msisdn: str) -> str:
    return (
        f"<details><summary>Pay Bill {escape(fake.settings.shortcode)}</summary>"
        f'<form method="post" action="/phone/{msisdn}/paybill"><label for="account">Account number</label>'
        '<input id="account" name="account" maxlength="20" required><label for="amount">Amount (KES)</label>'
        '<input id="amount" name="amount" inputmode="numeric" pattern="[0-9]+" required>'
        '<div class="row"><button class="go">Pay</button></div></form></details>'
    )


def _frame(title: str, screen: str, version: str, inbox_url: str | None = None) -> str:
    link = f' · <a style="color:#fff" href="{escape(inbox_url, quote=True)}">other messages</a>' if inbox_url else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · phone</title><style>{STYLE}</style></head><body><main>"
        f"<header><h1>{escape(title)}</h1><p>A pretend phone, no real money{link}</p></header>"
        f'<div id="screen" data-version="{version}" aria-live="polite">{screen}</div></main>'
        f"<script>{SCRIPT}</script></body></html>"
    )


def _version(screen: str) -> str:
    return hashlib.sha256(screen.encode()).hexdigest()[:16]


def _form(body: bytes) -> dict[str, str]:
    parsed = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in parsed.items()}
