"""E-mails: notes from the channel's own queue."""

from notifications.carriers import ses
from notifications.delivering import sender

handler = sender(ses.send)
