import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from sovereign_robot.contract.conformance import check_text_encoder
from sovereign_robot.contract.errors import CheckpointError, InstructionError
from sovereign_robot.contract.types import TextVector
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.policy.bundle import TEXT_GRAPH
from sovereign_robot.policy.text_encoder import REMEMBERED, CachingTextEncoder, OnnxTextEncoder


class CountingEncoder(CachingTextEncoder):
    """Counts the sentences that it has to encode."""

    def __init__(self) -> None:
        super().__init__("counting", 2)
        self.encoded: list[str] = []

    def _vector(self, normal: str) -> TextVector:
        self.encoded.append(normal)
        return np.array([len(normal), len(self.encoded)], dtype=np.float32)


@pytest.fixture
def graph(tiny_policy_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny_policy_dir / TEXT_GRAPH, tmp_path / TEXT_GRAPH))


def test_the_text_graph_of_a_policy_passes_the_exam_of_every_text_encoder(graph: Path):
    encoder = OnnxTextEncoder(graph, "tiny")

    check_text_encoder(encoder)
    assert (encoder.name, encoder.width) == ("tiny", GoalCode().width)


def test_a_sentence_is_encoded_once_in_whatever_spelling():
    encoder = CountingEncoder()
    for text in ("Red, left.", "red, left", "青を右", "ｒｅｄ, left"):
        encoder.encode(text)

    assert encoder.encoded == ["red, left", "青を右"]


def test_the_oldest_sentence_is_forgotten_when_there_are_too_many():
    encoder = CountingEncoder()
    for i in range(REMEMBERED + 1):
        encoder.encode(f"red {i}")
    encoder.encode("red 1")
    assert len(encoder.encoded) == REMEMBERED + 1

    encoder.encode("red 0")
    assert len(encoder.encoded) == REMEMBERED + 2


def test_what_is_remembered_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        CountingEncoder().encode("red")[0] = 1.0


def test_a_sentence_without_words_is_refused():
    with pytest.raises(InstructionError, match="holds no words"):
        CountingEncoder().encode("。")


def test_a_file_that_is_no_graph_is_refused_by_its_path(graph: Path):
    graph.write_bytes(b"not a graph" * 100)

    with pytest.raises(CheckpointError, match=r"text\.onnx cannot be loaded by ONNX Runtime"):
        OnnxTextEncoder(graph, "tiny")


def test_a_graph_for_sentences_of_another_length_is_refused(graph: Path):
    ids = onnx.helper.make_tensor_value_info("tokens", onnx.TensorProto.INT64, [1, 7])
    vector = onnx.helper.make_tensor_value_info("text", onnx.TensorProto.FLOAT, [1, 7])
    cast = onnx.helper.make_node("Cast", ["tokens"], ["text"], to=onnx.TensorProto.FLOAT)
    model = onnx.helper.make_model(
        onnx.helper.make_graph([cast], "short", [ids], [vector]),
        opset_imports=[onnx.helper.make_opsetid("", 18)],
        ir_version=10,
    )
    onnx.save(model, graph)

    with pytest.raises(CheckpointError, match=r"text\.onnx takes \[1, 7\] character ids, expected"):
        OnnxTextEncoder(graph, "tiny")
