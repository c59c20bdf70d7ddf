"""Whoever asks from a browser: only this Discord's own page. Another site in the same browser reaches nothing here.

A page of another site sends its `Origin`; one whose name was pointed at this machine meanwhile sends that name as
`Host`; and browsers say of what kind a call is that carries neither. A bot sends none of it.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_FOREIGN = frozenset({"cross-site", "same-site"})

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""What keeps answers to this page alone."""


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses with 403 what another site's page would send, on every route and for websockets, too."""
    if not is_ours(request):
        return web.Response(status=403, text="This Discord is for its own page and for bots on this machine.\n")
    return await handler(request)


def is_ours(request: web.Request) -> bool:
    """Returns whether a call comes from this Discord's own page, from somebody who opens it, or from no browser."""
    host = request.host.lower()
    if host.rpartition(":")[0] not in LOOPBACK and host not in LOOPBACK:
        return False
    origins = request.headers.getall("Origin", [])
    if any(origin.lower() != f"http://{host}" for origin in origins):
        return False
    if request.headers.get("Sec-Fetch-Site", "").lower() not in _FOREIGN:
        return True
    # a link to the page may stand anywhere
    return (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Mode", "").lower() == "navigate"
        and request.headers.get("Sec-Fetch-Dest", "").lower() == "document"
        and request.path in ("/", "/app/")
    )
