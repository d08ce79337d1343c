"""uvicorn's WebSockets, but for handshakes that it does not answer."""

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol

_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class WebSocketProtocol(WSProtocol):
    """Answers 400 to a handshake whose headers or address are not ASCII; wsproto raises, and the connection leaks."""

    def data_received(self, data: bytes) -> None:
        try:
            super().data_received(data)
        except UnicodeError:
            self.transport.write(_BAD_REQUEST)
            self.transport.close()
