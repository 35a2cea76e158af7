from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sovereign_robot.contract.errors import CheckpointError, InstructionError
from sovereign_robot.policy.familiarity import Listening
from sovereign_robot.policy.text_encoder import OnnxTextEncoder
from tests.policy.text_graphs import write_text_graph

CODE = {"task": ["lift", "reach"], "colour": ["red", "blue"]}
FACTS: dict[str, Any] = {"goal_code": CODE, "familiarity": {"threshold": 0.4}}
LIFT_RED, UNCLEAR = [0.9, 0.1, 0.8, 0.0], [0.5, 0.5, 0.3, 0.2]


def listening(
    folder: Path, facts: dict[str, Any], vector: list[float] = LIFT_RED, known: str | None = "l"
) -> Listening:
    return Listening(OnnxTextEncoder(write_text_graph(folder / "text.onnx", vector, known), "tiny"), facts)


def test_a_familiar_sentence_is_understood_as_its_goal(tmp_path: Path):
    understood = listening(tmp_path, FACTS).understand("Lift the red cube.")

    assert understood.is_familiar
    assert (understood.familiarity, understood.threshold) == (1.0, 0.4)
    assert understood.goal == {"task": "lift", "colour": "red"}


def test_a_value_that_is_not_clear_is_not_part_of_the_goal(tmp_path: Path):
    assert listening(tmp_path, FACTS, UNCLEAR).understand("lift it").goal == {}


def test_an_unfamiliar_sentence_is_refused_with_its_familiarity_and_what_to_do(tmp_path: Path):
    listener = listening(tmp_path, FACTS)

    assert not listener.understand("make coffee").is_familiar
    listener.require_familiar("lift it")
    with pytest.raises(InstructionError) as refusal:
        listener.require_familiar("make coffee")
    assert "'make coffee' is like nothing that this policy learnt (familiarity 0.00, expected 0.40" in str(
        refusal.value
    )
    assert "say it in other words, for example" in str(refusal.value)


def test_an_unfamiliar_sentence_is_refused_in_its_own_language(tmp_path: Path):
    refusal = listening(tmp_path, FACTS).understand("飛んで").refusal

    assert "指示「飛んで」" in refusal
    assert "既知度 0.00、必要なのは 0.40 以上" in refusal


def test_a_policy_of_a_time_before_follows_every_sentence(tmp_path: Path):
    understood = listening(tmp_path, {}, known=None).understand("make coffee")

    assert understood.is_familiar
    assert (understood.familiarity, understood.threshold, understood.goal) == (1.0, 0.0, {})


def test_a_sentence_without_words_is_refused(tmp_path: Path):
    with pytest.raises(InstructionError, match="holds no words"):
        listening(tmp_path, FACTS).understand("。")


def test_a_code_of_another_width_than_the_graph_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match="names 4 values, but the graph gives 2: export the policy"):
        listening(tmp_path, FACTS, [0.1, 0.2])


@pytest.mark.parametrize(
    ("familiarity", "known"),
    [({"threshold": 0.4}, None), ({"threshold": 2.0}, "l"), ({"threshold": "0.4"}, "l"), ({}, "l"), (3, "l")],
    ids=["no output", "above 1", "text", "none", "a number"],
)
def test_facts_that_do_not_fit_are_refused(tmp_path: Path, familiarity: object, known: str | None):
    with pytest.raises(CheckpointError, match=r"expected a number in 0 \.\. 1 and a graph that tells"):
        listening(tmp_path, {"familiarity": familiarity}, known=known)


def test_the_familiarity_is_the_same_in_every_spelling(tmp_path: Path):
    encoder = OnnxTextEncoder(write_text_graph(tmp_path / "text.onnx", LIFT_RED, "l"), "tiny")

    assert encoder.rates_sentences
    assert {encoder.familiarity(text) for text in ("lift it", "ＬＩＦＴ it!!", " Lift  it.")} == {1.0}
    assert np.array_equal(encoder.encode("lift it"), np.array(LIFT_RED, np.float32))
