"""What stands before the service: refuses what other web pages send and what is too large, and hardens the answers."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import HTTPException
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HARDENED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""A browser loads nothing for the page but what comes from here, whatever a picture is called."""


class Guard:
    """ASGI middleware.

    A web page from anywhere may send requests to this machine's loopback address in its visitor's name. Its browser
    says where they come from (``Origin``), and, where the page's own host name was made to mean this machine, by which
    name it asked (``Host``). Programs say neither or the truth. ``local`` is whether only this machine is served.
    """

    def __init__(self, app: ASGIApp, *, most_bytes: float, local: bool) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = _hardened(send)
        refused = self._refused(Headers(scope=scope))
        if refused:
            await JSONResponse({"detail": refused.detail}, refused.status_code)(scope, receive, send)
        else:
            await self.app(scope, self._limited(receive), send)

    def _refused(self, headers: Headers) -> HTTPException | None:
        """Why a request with these headers gets no further."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.local and not is_local(host):
            return HTTPException(403, f"'{host}' is not this machine; ask for localhost, or start with --host")
        if origin is not None and urlsplit(origin).netloc != host:
            return HTTPException(403, f"a page of '{origin}' may not use this detector")
        if int(headers.get("content-length", 0)) > self.most_bytes:
            return self._too_large()
        return None

    def _limited(self, receive: Receive) -> Receive:
        """``receive`` until more came than may; a request need not say beforehand how long it is."""
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most_bytes:
                raise self._too_large()
            return message

        return counted

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"more than {self.most_bytes / 1e6:g} MB in one request")


def is_local(host: str) -> bool:
    """Whether the value of a ``Host`` header, a port or none at its end, names the machine itself."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _hardened(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HARDENED)
        await send(message)

    return with_headers
