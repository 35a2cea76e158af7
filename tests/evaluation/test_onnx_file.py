import math

import onnx
import pytest

from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.evaluation.onnx_file import NO_WEIGHT, read_stored
from sovereign_robot.policy.bundle import GRAPHS
from sovereign_robot.policy.default import default_policy_dir


@pytest.mark.parametrize("name", GRAPHS)
def test_weights_and_opset_are_those_that_the_onnx_package_reads(name):
    path = default_policy_dir() / name
    model = onnx.load(path)

    stored = read_stored(path)

    weights = [t for t in model.graph.initializer if t.data_type not in NO_WEIGHT]
    assert stored.weights == sum(math.prod(t.dims) for t in weights) > 100_000
    assert stored.opset == next(o.version for o in model.opset_import if o.domain == "")


@pytest.mark.parametrize("content", [b"not a graph at all", b"\x3a\xff\xff\x7f", b"\x80"])
def test_what_is_no_onnx_file_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "policy.onnx"
    path.write_bytes(content)

    with pytest.raises(CheckpointError, match=r"policy\.onnx is no ONNX file: export the policy again"):
        read_stored(path)
