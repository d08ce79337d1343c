"""Push messages: notes from the channel's own queue."""

from notifications.carriers import push
from notifications.delivering import sender

handler = sender(push.send)
