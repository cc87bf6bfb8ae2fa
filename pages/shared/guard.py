"""Who may talk to the dashboard, and what a browser is told before it shows any of it.

A page of another site that is open in the same browser can reach this server, under the server's
own name or, once that site has lied about its address, under that site's name. So every request
must name a host that the dashboard is known by, and what opens a session or changes anything must
come from the dashboard's own pages.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

VARIABLE = "MADE_HOSTS"
CLOSED = "/_stcore/metrics"
HARMLESS = {"GET", "HEAD", "OPTIONS"}
NOT_ALLOWED = 1008  # of a websocket: "policy violation"
POLICY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "connect-src 'self' data: blob: ws://{host} wss://{host}; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)


def known_names() -> set[str]:
    """The names of this machine, and those of MADE_HOSTS, separated by commas or spaces.

    One that begins with a dot stands for all names that end in it.
    """
    own = socket.gethostname().lower()
    given = os.environ.get(VARIABLE, "").lower().replace(",", " ").split()
    return {"localhost", ".localhost", own, f"{own}.local", *given} - {""}


def is_known(host: str, names: Iterable[str]) -> bool:
    """Whether a Host header names this dashboard: by a number, or by one of the names.

    No site can make a browser write a number that is not the server's own.
    """
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not name or parts.netloc != host or "@" in host:
        return False
    name = name.rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return any(name.endswith(n) if n.startswith(".") else name == n for n in names)
    return True


def is_own(origin: str | None, host: str) -> bool:
    """Whether what sends a request is a page of this dashboard, or no page at all.

    A browser always says of which site a page is; without one there is no person's browser to
    lead astray.
    """
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


class Guard:
    """Stands before the whole server, page, files and websocket alike."""

    def __init__(self, app: ASGIApp, names: Callable[[], set[str]] = known_names) -> None:
        self.app = app
        self.names = names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        problem = self._problem(scope, host, headers.get("origin"))
        if problem is None:
            await self.app(scope, receive, self._with_headers(scope, host, send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": NOT_ALLOWED})
        else:
            answer = PlainTextResponse(problem, status_code=403)
            await answer(scope, receive, self._with_headers(scope, "localhost", send))

    def _problem(self, scope: Scope, host: str, origin: str | None) -> str | None:
        """Why a request is refused, in a sentence; None where it is not."""
        if not is_known(host, self.names):
            return (
                f"This dashboard is not known as {host[:100]!r}: start it with `made dashboard "
                f"--host NAME`, or write the name into {VARIABLE}.\n"
            )
        if scope["path"].rstrip("/").endswith(CLOSED):
            return "The figures of this server are not public.\n"
        is_harmless = scope["type"] == "http" and scope["method"] in HARMLESS
        if not is_harmless and not is_own(origin, host):
            return "Another site may not change anything here.\n"
        return None

    def _with_headers(self, scope: Scope, host: str, send: Send) -> Send:
        """An answer that no other site may frame, and whose kind no browser guesses."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY.format(host=host)
                headers["X-Frame-Options"] = "SAMEORIGIN"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
            await send(message)

        return send_on if scope["type"] == "http" else send
