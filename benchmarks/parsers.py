"""How long files of hostile shapes take until they are judged: `python -m benchmarks.parsers`, about a minute.

Each is a megabyte, the most that an import takes, and goes the way of an import: in seconds of this process alone. The
second figure is that of half a megabyte: where it is less than a third of the first, the time grows faster than the
file. The texts that anybody may write on Discord follow, at 4,000 and 8,000 characters.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.advice.editing import MOST_BYTES, plan_import
from bot.chat.kit.text import read_back, safe
from bot.documents.faults import UnusableFile
from bot.guidance.blanks import blanks_in
from bot.guidance.loading import load_library, shipped_knowledge
from bot.guidance.models import Library

HEAD = "entries:\n  - id: x\n    question: Q?\n    verdict: no\n    advice: A\n"


def shapes(size: int) -> dict[str, str]:
    """Files of at most so many bytes, by what they are."""

    def many(piece: str, head: str = "", tail: str = "") -> str:
        return head + piece * ((size - len(head) - len(tail)) // len(piece)) + tail

    def numbered(form: str, head: str = "") -> str:
        pieces, length = [head], len(head)
        for number in range(size):
            piece = form.format(number)
            length += len(piece)
            if length > size:
                break
            pieces.append(piece)
        return "".join(pieces)

    return {
        "empty entries": many("- {}\n", "entries:\n"),
        "entries without anything, as JSON": many("{},", "[", "{}]"),
        "entries that are fine": numbered("  - {{id: e{0}, question: Q{0}?, verdict: no, advice: A}}\n", "entries:\n"),
        "one question, no ids": many("- {q: Q?, a: A}\n"),
        "questions that make one id": numbered("- {{q: '?{0:b}', a: A}}\n").replace("1", "!").replace("0", "."),
        "sources": many("x, ", HEAD + "    sources: [", "x]\n"),
        "unknown sources, one an entry": numbered(
            "  - {{id: e{0}, question: Q?, verdict: no, advice: A, sources: [essy:{0}]}}\n", "entries:\n"
        ),
        "references": numbered("n{}, ", HEAD + "    see_also: [") + "x]\n",
        "adaptations": numbered("      k{}: x\n", HEAD + "    adapt:\n"),
        "tones": numbered("      k{}: x\n", HEAD + "    say:\n"),
        "wordings": many("x\n      ", HEAD + "    examples: |\n      "),
        "wordings in a list": many("x, ", HEAD + "    examples: [", "x]\n"),
        "unknown keys": numbered("k{}: x\n"),
        "unknown keys in an entry": numbered("    k{}: x\n", HEAD),
        "one key again and again": many("verdict: no\n"),
        "one key in an entry again and again": many("    verdict: no\n", HEAD),
        "one word": many("x"),
        "one key without an end": many("x", "", ": x"),
        "controls": many("\x01"),
        "controls, one a line": many("\x01\n"),
        "escaped controls": many('"\\x01",', "entries: [", "x]"),
        "anchors": many("- &a x\n"),
        "brackets": many("["),
        "braces": many("{"),
        "dashes": many("- "),
        "questions marks": many("? "),
        "comments": many("#\n"),
        "quotes": many('"'),
        "spaces": many(" "),
        "line ends": many("\n", "", "x"),
        "a table": numbered("Q{0}?,A\n", "question,answer\n"),
        "a table of one question": many("Q?,A\n", "question,answer\n"),
        "a table of commas": many(",", "question,answer\n"),
        "a table of quotes": many('"', "question,answer\n"),
        "one line of names": many("question,answer,"),
        "intents": numbered("- intent: i{}\n", "nlu:\n"),
        "marks in examples": many("[", "nlu:\n- intent: x\n  examples: |\n    - "),
        "lines of JSON": many('{"q": "?", "a": "x"}\n'),
        "halves of pictures": many("\\ud83d", '["', '"]'),
    }


TEXTS = ("[](", "A", "A ", "group ", '"a', "'", "called A", "<", "\\", "@", "a.", "://", "{", "\u200b", "  ", "x./")


def seconds(act: Callable[[], object]) -> float:
    """Seconds of this process's own time, of the best of three."""
    taken = []
    for _ in range(3):
        begun = time.process_time()
        act()
        taken.append(time.process_time() - begun)
    return min(taken)


def judge(raw: bytes, library: Library) -> str:
    """What comes of a file: so many entries, or so many faults."""
    try:
        plan = plan_import(raw, "f.csv" if raw.startswith(b"question") else "f.yaml", {}, library, 100_000)
    except UnusableFile as error:
        return f"{len(error.faults)}{'+' if error.more else ''} faults"
    return f"{len(plan.add)} entries"


def main() -> None:
    """Prints the tables."""
    library = load_library([shipped_knowledge()])
    print("| a megabyte of | seconds | of half | judged |\n| --- | ---: | ---: | --- |")
    whole, half = shapes(MOST_BYTES), shapes(MOST_BYTES // 2)
    for name, text in whole.items():
        raw, less = text.encode(), half[name].encode()
        taken = [seconds(lambda raw=each: judge(raw, library)) for each in (raw, less)]  # type: ignore[misc]
        print(f"| {name} | {taken[0]:.2f} | {taken[1]:.2f} | {judge(raw, library)} |", flush=True)
    print("\n| characters again and again | `safe`, ms | of twice | `blanks_in`, ms | of twice |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for text in TEXTS:
        taken = []
        for act in (lambda text: read_back(safe(text)), blanks_in):
            for length in (4000, 8000):
                hostile = (text * length)[:length]
                taken.append(1000 * seconds(lambda act=act, hostile=hostile: act(hostile)))  # type: ignore[misc]
        print(f"| `{text!r}` | " + " | ".join(f"{each:.1f}" for each in taken) + " |", flush=True)


if __name__ == "__main__":
    main()
