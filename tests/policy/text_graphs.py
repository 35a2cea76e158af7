"""The smallest text graphs: one vector for all, and a familiarity that hangs on the first character."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from sovereign_robot.policy.text import TOKENS, token_ids


def write_text_graph(path: Path, vector: list[float], known: str | None = None) -> Path:
    """A graph that answers `vector`; with `known`, sentences that begin with that letter are familiar."""
    outputs = [helper.make_tensor_value_info("text", TensorProto.FLOAT, [1, len(vector)])]
    nodes = [helper.make_node("Identity", ["vector"], ["text"])]
    constants = {"vector": np.array([vector], np.float32)}
    if known is not None:
        outputs.append(helper.make_tensor_value_info("familiarity", TensorProto.FLOAT, [1, 1]))
        nodes += [
            helper.make_node("Gather", ["tokens", "first"], ["begin"], axis=1),
            helper.make_node("Equal", ["begin", "letter"], ["same"]),
            helper.make_node("Cast", ["same"], ["familiarity"], to=TensorProto.FLOAT),
        ]
        constants |= {"first": np.array([0]), "letter": token_ids(known)[:, :1]}
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, TOKENS])
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "text", [tokens], outputs, tensors)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path
