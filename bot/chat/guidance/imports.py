"""Imports of guidance that were shown and wait for a press."""

from __future__ import annotations

import secrets
from collections import OrderedDict

from bot.advice.editing import ImportPlan


class PendingImports:
    """Imports that wait for a press: in memory, the last hundred. After a restart the file is uploaded again."""

    def __init__(self, most: int = 100) -> None:
        self._plans: OrderedDict[str, tuple[int, ImportPlan]] = OrderedDict()
        self._most = most

    def keep(self, server: int, plan: ImportPlan) -> str:
        """Keeps a plan and returns the name under which it can be taken."""
        name = secrets.token_hex(8)
        self._plans[name] = (server, plan)
        while len(self._plans) > self._most:
            self._plans.popitem(last=False)
        return name

    def take(self, server: int, name: str) -> ImportPlan | None:
        """Returns a server's plan, once."""
        found = self._plans.get(name)
        if found is None or found[0] != server:
            return None
        del self._plans[name]
        return found[1]
