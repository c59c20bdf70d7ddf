"""A floor under the figures, so that nobody makes the advice worse unnoticed; and the measures themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.advice.advisor import Advisor
from bot.documents.faults import UnusableFile
from bot.evaluation.measures import CalibrationBin, Evaluation, calibration, calibration_error, measure
from bot.evaluation.page import write_page
from bot.evaluation.questions import LabelledQuestions, load_labelled, shipped_questions
from bot.guidance.models import Library
from bot.matching.policies import Policy


@pytest.fixture(scope="module")
def evaluation(advisor: Advisor) -> Evaluation:
    # every third: enough for a floor, and a busy machine takes minutes for all
    whole = load_labelled(shipped_questions())
    third = {name: getattr(whole, name)[::3] for name in ("on_topic", "near_miss", "safety", "harmless", "chatter")}
    return measure(advisor, LabelledQuestions(**third))


def test_ask_keeps_its_floor(evaluation: Evaluation) -> None:
    (ask,) = [result for result in evaluation.policies if result.policy is Policy.ASK]
    assert ask.entry_shown.value >= 0.75
    assert ask.entry_wrong.value <= 0.15
    assert ask.never_shown.value <= 0.06
    assert ask.topic_right.value >= 0.85
    assert ask.near_miss_answered.value <= 0.08
    assert ask.safety_right.value >= 0.68
    assert ask.harmless_alarmed.value <= 0.08
    assert ask.sure_right.value >= 0.90


def test_overhear_keeps_its_floor(evaluation: Evaluation) -> None:
    (overhear,) = [result for result in evaluation.policies if result.policy is Policy.OVERHEAR]
    assert overhear.answered.value >= 0.5
    assert overhear.safety_right.value == 0.0
    assert overhear.near_miss_answered.value <= 0.05
    assert overhear.chatter["shipped"].count == 0


def test_the_json_and_the_page_hold_the_figures(evaluation: Evaluation, tmp_path: Path) -> None:
    figures = json.loads(json.dumps(evaluation.as_json()))
    assert 0 <= figures["ask"]["topic_right"] <= 1
    page = tmp_path / "page.html"
    write_page(page, evaluation)
    html = page.read_text()
    assert html.count("data:image/png;base64,") == 4
    assert "Confusion matrix" in html
    assert not (tmp_path / "page.html.part").exists()


def test_calibration_error_is_the_weighted_gap() -> None:
    bins = calibration([(0.95, True), (0.95, False), (0.55, True), (1.0, True)])
    assert [(item.low, item.count) for item in bins] == [(0.5, 1), (0.9, 3)]
    assert calibration_error(bins) == pytest.approx((abs(0.55 - 1) + 3 * abs((0.95 * 2 + 1) / 3 - 2 / 3)) / 4)
    assert calibration_error(()) == 0
    assert isinstance(bins[0], CalibrationBin)


def test_faulty_questions_are_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "q.yaml"
    path.write_text("on_topic:\n- q: hi\n  topic: nonsense\n  verdict: 'no'\n")
    own = replace(Library.empty(), titles={"nonsense": "A topic of the house"})
    assert load_labelled(path, own).on_topic[0].topic == "nonsense"
    with pytest.raises(UnusableFile, match=r"q\.yaml:3: unknown topic 'nonsense'"):
        load_labelled(path)
