"""The messages as a page, which asks for new ones by itself."""

import hashlib
from html import escape

from localcloud.base.guard import inline
from localcloud.inbox.mailbox import Message

STYLE = """
:root { --green: #0b8a3e; --ink: #17211b; --line: #dfe5e1; --soft: #f4f7f5; --grey: #5b6a61; }
* { box-sizing: border-box; }
body { margin: 0; background: #e8edea; color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 720px; min-height: 100vh; margin: 0 auto; background: #fff; padding: 1.25rem; }
h1 { margin: 0 0 .8rem; font-size: 1.25rem; }
form { display: flex; gap: .6rem; margin-bottom: 1rem; }
input { flex: 1; padding: .55rem .7rem; font: inherit; border: 1px solid #b9c4bd; border-radius: 9px; }
button { padding: .55rem 1rem; border: 0; border-radius: 9px; background: var(--green); color: #fff; font: inherit; }
article { border: 1px solid var(--line); border-radius: 12px; padding: .8rem 1rem; margin-bottom: .7rem; }
article header { display: flex; flex-wrap: wrap; gap: .3rem .8rem; color: var(--grey); font-size: .85rem; }
article p { margin: .4rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
iframe { width: 100%; height: 16rem; margin-top: .5rem; border: 1px solid var(--line); border-radius: 9px; }
.fault { background: #fff4e5; border-color: #f0c48a; } .quiet { color: var(--grey); }
"""

SCRIPT = """
const list = document.getElementById('list');
setInterval(async () => {
  try {
    const answer = await fetch('/rows' + location.search);
    const version = answer.headers.get('X-Version');
    if (answer.ok && version !== list.dataset.version) {
      list.innerHTML = await answer.text();
      list.dataset.version = version;
    }
  } catch (error) { console.warn('the inbox does not answer', error); }
}, 1500);
"""


# Nothing but the page's own script, so that no message can ever run. A mail is shown with its own styles.
POLICY = (
    f"default-src 'none'; style-src 'unsafe-inline'; script-src {inline(SCRIPT)}; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def render_rows(messages: list[Message], faults: list[str]) -> str:
    """Return the messages as an HTML fragment."""
    shown = [f'<article class="fault">Could not be read: {escape(fault)}</article>' for fault in faults]
    shown += [_row(message) for message in messages]
    return "".join(shown) or '<p class="quiet">No messages yet.</p>'


def _row(message: Message) -> str:
    # Mail is other people's HTML: it is shown in a frame that may run nothing.
    frame = f'<iframe sandbox srcdoc="{escape(message.html)}" title="e-mail"></iframe>' if message.html else ""
    subject = f"<p><strong>{escape(message.subject)}</strong></p>" if message.subject else ""
    text = f"<p>{escape(message.text)}</p>" if message.text else ""
    note = " · not sent by the emulator" if message.derived else ""
    return (
        f'<article data-testid="message"><header><strong>{escape(message.to)}</strong>'
        f"<span>{'SMS' if message.channel == 'sms' else 'e-mail'} · {escape(message.source)}{note}</span>"
        f"<time>{escape(message.at or 'before the inbox started')}</time></header>{subject}{text}{frame}</article>"
    )


def render_page(to: str, rows: str) -> str:
    """Return the page around the rows of whom was asked for."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        "<title>Messages</title>"
        f"<style>{STYLE}</style></head><body><main><h1>Messages sent by the local cloud</h1>"
        f'<form><input name="to" value="{escape(to)}" placeholder="Phone number or e-mail address" '
        'aria-label="Phone number or e-mail address"><button>Show</button></form>'
        f'<div id="list" data-version="{version(rows)}" aria-live="polite">{rows}</div></main>'
        f"<script>{SCRIPT}</script></body></html>"
    )


def version(rows: str) -> str:
    """Return a name for what the page shows now; another one when it changed."""
    return hashlib.sha256(rows.encode()).hexdigest()[:16]
