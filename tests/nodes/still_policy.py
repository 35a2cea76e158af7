"""A policy folder as `sovereign-robot export` writes it, with the smallest graphs that fit: the arm stays."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.policy.bundle import POLICY_GRAPH, TEXT_GRAPH, write_facts
from sovereign_robot.policy.text import TOKENS

HORIZON, COMMITTED = 16, 4


def write_still_policy(folder: Path, contract: RobotContract) -> Path:
    """Write the folder; the contract is the one that the policy was made for."""
    joints, cameras = len(contract.joints), len(contract.cameras)
    camera = contract.cameras[0]
    inputs = [
        _value("images", TensorProto.UINT8, [1, cameras, camera.height_px, camera.width_px, 3]),
        _value("joints_rad", TensorProto.FLOAT, [1, joints]),
        _value("text", TensorProto.FLOAT, [1, 1]),
        _value("anchor_rad", TensorProto.FLOAT, [1, joints]),
        _value("committed_rad", TensorProto.FLOAT, [1, COMMITTED, joints]),
        _value("mask", TensorProto.FLOAT, [1, COMMITTED]),
    ]
    nodes = [
        helper.make_node("Unsqueeze", ["anchor_rad", "axis"], ["row"]),
        helper.make_node("Expand", ["row", "shape"], ["position_rad"]),
    ]
    constants = {"axis": np.array([1]), "shape": np.array([1, HORIZON, joints])}
    output = _value("position_rad", TensorProto.FLOAT, [1, HORIZON, joints])
    _save(folder / POLICY_GRAPH, nodes, inputs, output, constants)
    tokens = [_value("tokens", TensorProto.INT64, [1, TOKENS])]
    text = [helper.make_node("Identity", ["zero"], ["text"])]
    zero = {"zero": np.zeros((1, 1), np.float32)}
    _save(folder / TEXT_GRAPH, text, tokens, _value("text", TensorProto.FLOAT, [1, 1]), zero)
    student = {"horizon": HORIZON, "max_committed": COMMITTED}
    write_facts(folder, {"contract": contract.model_dump(mode="json"), "student": student})
    return folder


def _value(name: str, kind: int, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _save(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    output: onnx.ValueInfoProto,
    constants: dict[str, np.ndarray],
) -> None:
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "still", inputs, [output], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
