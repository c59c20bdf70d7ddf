"""Whether a text is in another language than the base's, as far as its script and its words tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.matching.text import is_foreign

LEAST_KNOWN = 0.48
"""A text of whose words less than this share is in our texts may be in another language."""
LEAST_WORDS = 3
"""Of fewer words that is not said."""
ENOUGH_KNOWN = 1000
"""A base of fewer words knows too few to judge by them."""
KNOWN_FROM = 3
"""A word is known that stands in so many texts; rarer are names and what people quote."""
_ENGLISH = (
    "the what when which who how why my your you are and with this that does did should they she him them their there "
    "have has had from about would could someone don't dont get here please"
)
ENGLISH = frozenset(_ENGLISH.split())
"""English words that no other language in Latin letters has: with one of these, a text full of names is English."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def _long(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if len(word) >= 3]


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of the base's texts, by the words that it knows; `names` are the same in every language."""

    known: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str], names: Collection[str]) -> Tongue:
        """The language of these prepared texts."""
        counts = Counter(word for text in texts for word in set(_long(text)))
        return cls(frozenset(word for word, count in counts.items() if count >= KNOWN_FROM), frozenset(names))

    def is_another(self, prepared: str) -> bool:
        """Whether a prepared text is in another language; False where too little of it can be told."""
        if is_foreign(prepared):
            return any(map(str.isalpha, prepared))
        words = [word for word in _long(prepared) if word not in self.names]
        if len(words) < LEAST_WORDS or len(self.known) < ENOUGH_KNOWN or ENGLISH & set(_WORD.findall(prepared)):
            return False
        return sum(word in self.known for word in words) < LEAST_KNOWN * len(words)
