"""A server's counters as figures, a picture and a table: for Discord and for the terminal."""

from bot.stats.chart import draw
from bot.stats.summary import PERIODS, Span, Summary, summarize
from bot.stats.table import as_csv

__all__ = ["PERIODS", "Span", "Summary", "as_csv", "draw", "summarize"]
