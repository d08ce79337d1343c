"""A customer's phone as a page: the STK prompt, a PIN, approve or cancel, M-Pesa's SMS. Works without JavaScript."""

import hashlib
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from localcloud.base.guard import inline
from localcloud.daraja.base.scripts import Script
from localcloud.daraja.base.wire import EAT, MSISDN
from localcloud.daraja.mpesa.model import Push
from localcloud.daraja.running.fake import Fake

STYLE = """
:root { color-scheme: light; --green: #08753a; --ink: #17211b; --soft-ink: #55635b; --line: #dfe5e1; --soft: #f4f7f5; }
* { box-sizing: border-box; }
body { margin: 0; background: #e8edea; color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 400px; min-height: 100vh; margin: 0 auto; background: #fff; overflow-wrap: anywhere; }
header { background: var(--green); color: #fff; padding: 1.1rem 1.25rem; }
header h1 { margin: 0; font-size: 1.15rem; } header p { margin: .15rem 0 0; } header a { color: #fff; }
section { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); }
h2 { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft-ink); margin: 0 0 .6rem; }
.balance { font-size: 1.35rem; font-weight: 600; margin: 0; }
.prompt { background: var(--soft); border: 2px solid var(--green); border-radius: 14px; padding: 1rem;
  margin-bottom: .8rem; }
.prompt p { margin: 0 0 .8rem; } .prompt .sum { font-size: 1.35rem; font-weight: 600; margin: 0 0 .2rem; }
label { display: block; font-size: .9rem; margin: .7rem 0 .25rem; }
input { width: 100%; padding: .6rem .7rem; font: inherit; border: 1px solid #7d8a82; border-radius: 9px; }
.row { display: flex; gap: .6rem; margin-top: .9rem; }
button { flex: 1; min-height: 46px; border: 1px solid var(--green); border-radius: 9px; font: inherit;
  cursor: pointer; }
button.go { background: var(--green); color: #fff; } button.no { background: #fff; color: var(--green); }
:focus-visible { outline: 3px solid #f2a900; outline-offset: 2px; }
.sms { background: var(--soft); border-radius: 12px; padding: .7rem .85rem; margin: 0 0 .6rem; }
.sms time { display: block; font-size: .8rem; color: var(--soft-ink); margin-top: .25rem; }
.quiet { color: var(--soft-ink); margin: 0; } .fault { color: #a3160f; margin: 0 0 .6rem; }
summary { cursor: pointer; padding: .35rem 0; }
"""

# A section is only replaced when it changed, so that a half-typed PIN stays.
SCRIPT = """
const screen = document.getElementById('screen');
async function refresh() {
  try {
    const answer = await fetch('/phone/' + screen.dataset.phone + '/screen');
    const version = answer.headers.get('X-Screen');
    if (!answer.ok || version === screen.dataset.version) return;
    const fresh = document.createElement('template');
    fresh.innerHTML = await answer.text();
    for (const section of fresh.content.querySelectorAll('section')) {
      const shown = document.getElementById(section.id);
      if (shown.innerHTML !== section.innerHTML) shown.innerHTML = section.innerHTML;
    }
    screen.dataset.version = version;
    const pin = screen.querySelector('input[name=pin]');
    if (pin && document.activeElement === document.body) pin.focus();
  } catch (error) { console.warn('the phone lost its network', error); }
}
setInterval(refresh, 1000);
"""


# Nothing but the page's own style and script, so that no text of a merchant or a customer can ever run.
POLICY = (
    f"default-src 'none'; style-src {inline(STYLE)}; script-src {inline(SCRIPT)}; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
ENDED = {"0": "paid", "1": "not enough money", "1032": "cancelled", "1037": "not answered in time", "2001": "wrong PIN",
         "8006": "PIN locked"}  # fmt: skip
HIGHEST = 250_000


def routes(fake: Fake) -> list[Route]:
    """Return the phone pages over ``fake``."""

    async def page(request: Request) -> Response:
        msisdn = request.path_params["msisdn"]
        if not MSISDN.fullmatch(msisdn):
            text = "This is not a Kenyan mobile number. It has 12 digits and begins with 2547 or 2541."
            return HTMLResponse(_frame(fake, "", f"<section><p>{text}</p></section>"), 404, HEADERS)
        return HTMLResponse(_page(fake, msisdn), headers=HEADERS)

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
            fake.mpesa.prompts.answer(checkout, action, form.get("pin", ""), fake.clock.now())
            fake.courier.wake()
        return RedirectResponse(f"/phone/{msisdn}", 303)

    async def pay(request: Request) -> Response:
        msisdn, form = request.path_params["msisdn"], _form(await request.body())
        amount, account = form.get("amount", ""), form.get("account", "").strip()
        if not MSISDN.fullmatch(msisdn):
            return Response(status_code=404)
        whole = amount.isascii() and amount.isdigit() and len(amount) < 10
        if not whole or not 1 <= int(amount) <= HIGHEST or not 1 <= len(account) <= 20:
            fault = f"Enter an account number of up to 20 characters and whole shillings from 1 to {HIGHEST:,}."
            return HTMLResponse(_page(fake, msisdn, fault), 400, HEADERS)
        script = fake.scripts.take("c2b", msisdn, int(amount), account) or Script()
        now = fake.clock.now()
        fake.mpesa.paybill.pay(fake.settings.shortcode, msisdn, int(amount), account, "Pay Bill", script, now)
        fake.courier.wake()
        return RedirectResponse(f"/phone/{msisdn}", 303)

    return [
        Route("/phone/{msisdn}", page),
        Route("/phone/{msisdn}/screen", part),
        Route("/phone/{msisdn}/prompts/{checkout_request_id}", press, methods=["POST"]),
        Route("/phone/{msisdn}/paybill", pay, methods=["POST"]),
    ]


def render_screen(fake: Fake, msisdn: str) -> str:
    """Return what the phone shows now and what may change by itself, as an HTML fragment of sections."""
    return "".join(_sections(fake, msisdn))


def _sections(fake: Fake, msisdn: str) -> tuple[str, str]:
    """Return what stands above and below the form for paying a bill."""
    now = fake.clock.now()
    line = fake.mpesa.accounts.phone(msisdn, now)
    prompts = [_prompt(fake, push) for push in fake.mpesa.prompts.shown(now, msisdn)]
    texts = [
        f'<article class="sms" data-testid="sms">{escape(sms.text)}'
        f"<time>{sms.at.astimezone(EAT):%d %b %Y, %H:%M}</time></article>"
        for sms in reversed(fake.mpesa.state.sms) if sms.to == msisdn
    ]  # fmt: skip
    balance = fake.mpesa.state.books.balance(f"phone:{msisdn}")
    locked = '<p class="fault">The PIN is locked.</p>' if line.locked else ""
    messages = "".join(texts) or '<p class="quiet">No messages yet.</p>'
    above = (
        f'<section id="balance"><h2>Balance</h2><p class="balance" data-testid="balance">KES {balance:,}</p>{locked}'
        f'</section><section id="prompt" aria-live="polite"><h2>Prompt</h2>{"".join(prompts) or _nothing(fake, msisdn)}'
        "</section>"
    )
    return above, f'<section id="messages"><h2>Messages</h2>{messages}</section>'


def _nothing(fake: Fake, msisdn: str) -> str:
    """Return that no prompt is open, and what became of the last one."""
    pushes = [
        push for push in fake.mpesa.state.pushes.values() if push.phone == msisdn and push.result_code is not None
    ]
    text = '<p class="quiet">Nothing to approve.</p>'
    if not pushes:
        return text
    last = max(reversed(pushes), key=lambda push: push.concluded_at or push.created_at)
    end = ENDED.get(str(last.result_code), f"failed, code {last.result_code}")
    what = f"KES {last.amount:,} for {last.account_reference}: {end}"
    return f'{text}<p class="quiet" data-testid="last">Last prompt: {escape(what)}.</p>'


def _prompt(fake: Fake, push: Push) -> str:
    name, checkout = escape(fake.settings.organisation_name), escape(push.checkout_request_id, quote=True)
    return (
        f'<form class="prompt" data-testid="prompt" method="post" action="/phone/{push.phone}/prompts/{checkout}">'
        f'<p class="sum">KES {push.amount:,}</p><p>Do you want to pay this to <strong>{name}</strong>, account '
        f"<strong>{escape(push.account_reference)}</strong>?</p>"
        f'<label for="pin-{checkout}">Enter M-PESA PIN</label>'
        f'<input id="pin-{checkout}" name="pin" type="password" inputmode="numeric" autocomplete="off" maxlength="8" '
        'required><div class="row"><button class="go" name="action" value="approve">Send</button>'
        '<button class="no" name="action" value="cancel" formnovalidate>Cancel</button></div></form>'
    )


def _paybill_form(fake: Fake, msisdn: str, fault: str) -> str:
    alert = f'<p class="fault" role="alert">{escape(fault)}</p>' if fault else ""
    return (
        f"<section><h2>Lipa na M-PESA</h2>{alert}<details{' open' if fault else ''}>"
        f"<summary>Pay Bill {escape(fake.settings.shortcode)}</summary>"
        f'<form method="post" action="/phone/{msisdn}/paybill"><label for="account">Account number</label>'
        '<input id="account" name="account" maxlength="20" autocomplete="off" required>'
        '<label for="amount">Amount (KES)</label><input id="amount" name="amount" inputmode="numeric" '
        'autocomplete="off" pattern="[1-9][0-9]{0,5}" title="Whole shillings" required>'
        '<div class="row"><button class="go">Pay</button></div></form></details></section>'
    )


def _page(fake: Fake, msisdn: str, fault: str = "") -> str:
    above, below = _sections(fake, msisdn)
    content = (
        f'<div id="screen" data-phone="{msisdn}" data-version="{_version(above + below)}">'
        f"{above}{_paybill_form(fake, msisdn, fault)}{below}</div><script>{SCRIPT}</script>"
    )
    return _frame(fake, msisdn, content)


def _frame(fake: Fake, msisdn: str, content: str) -> str:
    inbox = fake.settings.inbox_url
    link = f' · <a href="{escape(inbox, quote=True)}">other messages</a>' if inbox else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{msisdn or 'No'} · phone</title><style>{STYLE}</style></head><body><main>"
        f"<header><h1>{msisdn or 'No phone'}</h1><p>A pretend phone, no real money{link}</p></header>"
        f"{content}</main></body></html>"
    )


def _version(screen: str) -> str:
    return hashlib.sha256(screen.encode()).hexdigest()[:16]


def _form(body: bytes) -> dict[str, str]:
    parsed = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in parsed.items()}
