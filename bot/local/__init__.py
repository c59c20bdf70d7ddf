"""A small Discord on 127.0.0.1 that speaks the real protocol: REST v10 and a gateway, for tests and for trying out.

It knows Discord's protocol and nothing of any bot. Faithful where a bot could notice: permissions, intents, limits,
error codes, deadlines, rate limits, resumes; and it does wrong what it is ordered to do wrong.
"""

from bot.local.errors import ApiError, NotAllowed, NotAnswered
from bot.local.people import Answer, Channel, Person, Role, Server
from bot.local.server import LocalDiscord
from bot.local.views import Form, Seen

__all__ = [
    "Answer",
    "ApiError",
    "Channel",
    "Form",
    "LocalDiscord",
    "NotAllowed",
    "NotAnswered",
    "Person",
    "Role",
    "Seen",
    "Server",
]
