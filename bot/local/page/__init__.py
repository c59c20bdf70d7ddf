"""A page that feels like Discord, for a local Discord: it knows nothing of any bot."""

from bot.local.page.routes import Page, Suggestion

__all__ = ["Page", "Suggestion"]
