"""What people type, made comparable: markup, repeated letters and slang taken out of the way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

MAX_CHARACTERS = 1600
"""Longer messages keep their beginning and their end: a long post states its question in its last sentences."""
HEAD_CHARACTERS = 500

_CODE_BLOCK = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]{1,300}`")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DISCORD_MARKUP = re.compile(r"<(?:@[!&]?|#|a?:\w{1,40}:|t:|/[^:>]{1,60}:|id:)[\w:-]{0,40}>")
_QUOTE_MARK = re.compile(r"^>{1,3} ?", re.MULTILINE)
_STYLE_MARKS = re.compile(r"[*_~|]{2,}")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1{2,}")
_REPEATED_MARK = re.compile(r"([!?.,])\1+")
_SPACE = re.compile(r"\s+")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "´": "'", "“": '"', "”": '"'})
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[?!]")
"""One word, or one question or exclamation mark."""


def clean(text: str) -> str:
    """One line of lower-case text without code, links, mentions, markup and drawn-out letters ("sooo" is "soo").

    Bounded: at most `MAX_CHARACTERS` characters come back, however long the message was.
    """
    if len(text) > 4 * MAX_CHARACTERS:
        text = f"{text[: 2 * MAX_CHARACTERS]} {text[-2 * MAX_CHARACTERS :]}"
    # half a character, as a broken client may send it, can't be encoded by anybody further on
    text = text.encode("utf-8", "ignore").decode("utf-8")
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    if "`" in text:
        text = _CODE_BLOCK.sub(" ", text)
        text = _INLINE_CODE.sub(" ", text)
    if "<" in text:
        text = _DISCORD_MARKUP.sub(" ", text)
    if "http" in text or "www." in text:
        text = _LINK.sub(" link ", text)
    text = _STYLE_MARKS.sub(" ", _INVISIBLE.sub("", _QUOTE_MARK.sub("", text))).lower()
    text = _REPEATED_MARK.sub(r"\1", _REPEATED_LETTER.sub(r"\1\1", text))
    text = _SPACE.sub(" ", text).strip()
    if len(text) > MAX_CHARACTERS:
        text = f"{text[:HEAD_CHARACTERS]} {text[HEAD_CHARACTERS - MAX_CHARACTERS :]}"
    return text


@lru_cache(maxsize=4096)
def is_foreign(text: str) -> bool:
    """Returns whether most of a text's letters are of a script that the encoder was not trained to read."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        # signs and pictures alone: there is nothing to read either
        return bool(text.strip())
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return latin * 2 < len(letters)


class Slang:
    """Reads chat words as plain English: 'f4f' as 'follow for follow', 'moots' as 'mutuals'."""

    _TOKEN = re.compile(r"[^\W_][\w'/]*")

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self._single = {word: plain for word, plain in meanings.items() if " " not in word}
        self._phrases = tuple((word, plain) for word, plain in meanings.items() if " " in word)

    def expand(self, cleaned: str) -> str:
        """`cleaned` (see `clean`) with every known chat word replaced by its plain reading."""
        for phrase, plain in self._phrases:
            if phrase in cleaned:
                cleaned = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain, cleaned)
        if self._single.keys().isdisjoint(self._TOKEN.findall(cleaned)):
            return cleaned
        return self._TOKEN.sub(lambda match: self._single.get(match.group(), match.group()), cleaned)
