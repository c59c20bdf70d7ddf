"""The terminal, as people and programs use it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.advice.advisor import Advisor
from bot.guidance.loading import load_library
from bot.matching.base import MODEL_FILE, VECTORS_FILE
from bot.matching.encoder.choosing import default_encoder
from bot.matching.model.files import read_model
from bot.matching.model.training import fingerprint, training_set
from bot.matching.text import Slang


def rsvno(*arguments: str, stdin: bytes = b"", folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        input=stdin,
        capture_output=True,
        cwd=folder,
        env=environment,
        timeout=300,
        check=False,
    )


@pytest.fixture(autouse=True)
def _opened(advisor: Advisor) -> None:
    """The encoder is converted before the first process starts."""


def test_a_question_gets_a_card() -> None:
    done = rsvno("ask", "do i have to follow back")
    card = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    for part in ("No obligation", "Why:", "Words to send:", "The Art Of No, paragraphs 1, ", "confidence"):
        assert part in card
    assert "\x1b" not in card


def test_json_keeps_its_contract() -> None:
    answer = json.loads(rsvno("ask", "--json", "my boss sent me a friend request, accept?").stdout)
    assert list(answer) == [
        "question", "outcome", "entry", "topic", "verdict", "confidence", "advice", "reason", "say", "sources",
        "safety", "ask", "choices", "milliseconds",
    ]  # fmt: skip
    assert answer["outcome"] == "answer"
    assert answer["topic"] == "friend_request"
    assert answer["verdict"] == "depends"
    assert set(answer["say"]) == {"warm", "brief", "firm"}


def test_the_ranking_of_a_question_is_shown_with_scores() -> None:
    done = rsvno("test", "my boss sent me a friend request, accept?", "--most", "3")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert "boss-request" in shown
    assert shown.count("%") >= 4
    assert "Asked: answers with boss-request (built in, confidence" in shown
    assert "Overheard: answers with" in shown


def test_a_servers_own_guidance_can_be_asked_in_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"database:\n  url: sqlite:///{tmp_path / 'servers.sqlite3'}\n")
    (tmp_path / "own.yaml").write_text(
        "entries:\n  - id: own-den\n    question: May everybody enter the lion den channel?\n    verdict: 'yes'\n"
        "    advice: All who knock may come in.\n"
    )
    added = rsvno("guidance", "--server", "7", "add", "own.yaml", folder=tmp_path)
    assert added.returncode == 0, added.stderr
    asked = ("may everybody enter the lion den channel", "--json")
    mine, others = (rsvno("ask", *asked, "--server", server, folder=tmp_path) for server in ("7", "8"))
    assert json.loads(mine.stdout)["entry"] == "own-den"
    assert json.loads(others.stdout)["entry"] != "own-den"
    shown = rsvno("test", asked[0], "--server", "7", folder=tmp_path).stdout.decode()
    assert "answers with own-den (the server's own" in shown


def test_what_is_learned_is_kept_where_the_next_start_finds_it(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "house.yaml").write_text(
        "topic: follow_back\nentries:\n  - id: lions\n    question: Must I follow the lions back?\n    verdict: 'no'\n"
        "    advice: Lions follow whom they like.\n  - id: owls\n    question: May I ignore the owls?\n"
        "    verdict: 'yes'\n    advice: Owls sleep by day.\n"
    )
    (tmp_path / "config.yaml").write_text("knowledge: [own]\nshipped_knowledge: false\ndata_folder: data\n")
    done = rsvno("learn", "kept", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Learned: kept" in done.stderr.decode()
    library = load_library([own])
    model, learned_from = read_model(
        tmp_path / "kept" / default_encoder().short_name / MODEL_FILE, library.lexicon.grammar
    )
    assert model.card["entries"] == "2"
    data = training_set(library, Slang({}))
    assert learned_from == fingerprint(library, data, default_encoder().name)
    assert len(np.load(tmp_path / "kept" / default_encoder().short_name / VECTORS_FILE)) == len(data.texts)
    # where the next start looks by default
    assert rsvno("learn", folder=tmp_path).returncode == 0
    answer = rsvno("test", "must i follow the lions back", folder=tmp_path)
    assert "lions" in answer.stdout.decode(), answer.stderr


def test_nothing_that_fits_is_said_plainly() -> None:
    done = rsvno("ask", "how do i boil an egg")
    assert done.returncode == 0
    assert "outside what I know" in done.stdout.decode()


def test_a_line_in_is_a_line_out_in_order() -> None:
    lines = [f"question number {n} about following back" for n in range(300)]
    lines[7], lines[8] = "", "\x00\x07"
    raw = "\n".join(lines).encode() + b"\n\xff\xfe not utf-8\n"
    done = rsvno("ask", "--stdin", stdin=raw)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [answer["question"] for answer in answers[:300]] == lines
    assert len(answers) == 301
    assert answers[7]["outcome"] == "none"


def test_answers_stream(advisor: Advisor) -> None:
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--stdin", "--overhear"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("must i accept a friend request from a stranger", "lunch?"):
            process.stdin.write(text.encode() + b"\n")
            process.stdin.flush()
            # an answer comes before the next question is written
            assert json.loads(process.stdout.readline())["question"] == text
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("ask",), "what is the question?"),
        (("ask", "--stdin", "hello"), "leave TEXT out"),
        (("asl", "hello"), "No such command 'asl'"),
        (("check", "nowhere.yaml"), "nowhere.yaml: can't be read: No such file or directory"),
        (("evaluate", "nowhere.yaml"), "nowhere.yaml: can't be read"),
        (("--config", "nowhere.yaml", "ask", "hi"), "nowhere.yaml: can't be read"),
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = rsvno(*arguments, folder=tmp_path)
    errors = done.stderr.decode()
    assert done.returncode == 2
    assert says in errors
    assert "Traceback" not in errors


def test_check_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("topic: folow_back\nentries:\n  - id: a\n    question: b\n    advise: c\n")
    done = rsvno("check", "bad.yaml", folder=tmp_path)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert lines[0].startswith("bad.yaml:1: unknown topic 'folow_back' (did you mean 'follow_back'?)")
    assert any(line.startswith("bad.yaml:5: unknown key 'advise' (did you mean 'advice'?)") for line in lines)


def test_check_says_what_is_fine() -> None:
    done = rsvno("check")
    assert done.returncode == 0, done.stderr
    assert "entries, fine" in done.stdout.decode()


def test_the_example_configuration_is_fine() -> None:
    root = Path(__file__).resolve().parents[2]
    done = rsvno("check", str(root / "config.example.yaml"))
    assert done.returncode == 0, done.stderr
    assert "configuration, fine" in done.stdout.decode()


def test_a_reader_that_leaves_is_no_fault() -> None:
    root = Path(__file__).resolve().parents[2]
    script = f"yes 'do i have to follow back' | head -2000 | {sys.executable} -m bot ask --stdin | head -1 >/dev/null"
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert b"Traceback" not in done.stderr
