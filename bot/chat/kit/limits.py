"""How often one person, or one channel, may do what costs: of one bot, in memory, since it matters for minutes only."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.chat.kit.cooldown import Cooldowns

PRESSES = (20, 20.0)
"""Buttons, menus and forms that one person may use in so many seconds."""
SUGGESTIONS = (5, 1.0)
"""Suggestions by meaning that one person gets in so many seconds; after that, by their letters alone."""
ALARMS = (20, 20.0)
"""Questions beyond the limit of one person that are still looked at for danger, in so many seconds."""
SHARES = (2, 20.0)
"""Answers that one person may share in one channel in so many seconds."""
SHARED = (1, 3600.0)
"""How often one answer may be shared in so many seconds: its message can be pressed on for a quarter of an hour."""
CROWDED = (1, 30.0)
"""How often one channel is told that too many ask."""


class Limits:
    """The limits of one bot. `now`: seconds on a clock that only goes forward."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.presses = Cooldowns(*PRESSES, now)
        self.suggestions = Cooldowns(*SUGGESTIONS, now)
        self.alarms = Cooldowns(*ALARMS, now)
        self.shares = Cooldowns(*SHARES, now)
        self.shared = Cooldowns(*SHARED, now)
        self.crowded = Cooldowns(*CROWDED, now)
