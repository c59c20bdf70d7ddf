"""The collector of cycles, which stops everything while it looks: what stays for good is not looked at."""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Takes what is there now, and is no garbage, out of the collector's sight: some hundred thousand objects."""
    gc.collect()
    gc.freeze()


def look_at_all_again() -> None:
    """Lets the collector look at everything once more: of what was set aside, much may be over."""
    gc.unfreeze()
