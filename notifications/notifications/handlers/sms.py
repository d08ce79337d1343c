"""SMS: notes from the channel's own queue."""

from notifications.carriers import sms
from notifications.delivering import sender

handler = sender(sms.send)
