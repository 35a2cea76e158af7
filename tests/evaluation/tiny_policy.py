"""The smallest policy folder: two hand-made ONNX graphs that hold the arm where it is."""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.policy.bundle import POLICY_GRAPH, TEXT_GRAPH, write_facts
from sovereign_robot.policy.text import TOKENS

HORIZON, COMMITTED, WIDTH = 16, 4, 8


def write_hold_policy(folder: Path, robot: RobotContract) -> Path:
    folder.mkdir(parents=True)
    joints, camera = len(robot.joints), robot.cameras[0]
    floats = {
        "joints_rad": [1, joints],
        "text": [1, WIDTH],
        "anchor_rad": [1, joints],
        "committed_rad": [1, COMMITTED, joints],
        "mask": [1, COMMITTED],
    }
    size = [1, len(robot.cameras), camera.height_px, camera.width_px, 3]
    inputs = [_value("images", size, TensorProto.UINT8), *(_value(n, s) for n, s in floats.items())]
    shape = helper.make_tensor("shape", TensorProto.INT64, [3], [1, 1, joints])
    repeats = helper.make_tensor("repeats", TensorProto.INT64, [3], [1, HORIZON, 1])
    nodes = [
        helper.make_node("Reshape", ["anchor_rad", "shape"], ["row"]),
        helper.make_node("Tile", ["row", "repeats"], ["position"]),
    ]
    _save(folder / POLICY_GRAPH, nodes, inputs, _value("position", [1, HORIZON, joints]), [shape, repeats])
    zeros = helper.make_tensor("zeros", TensorProto.FLOAT, [1, WIDTH], [0.0] * WIDTH)
    nodes = [helper.make_node("Identity", ["zeros"], ["vector"])]
    tokens = _value("tokens", [1, TOKENS], TensorProto.INT64)
    _save(folder / TEXT_GRAPH, nodes, [tokens], _value("vector", [1, WIDTH]), [zeros])
    student = {"horizon": HORIZON, "max_committed": COMMITTED}
    write_facts(folder, {"contract": robot.model_dump(mode="json"), "student": student})
    return folder


def _value(name: str, shape: list[int], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def _save(path: Path, nodes: list, inputs: list, output: onnx.ValueInfoProto, constants: list) -> None:
    graph = helper.make_graph(nodes, "hold", inputs, [output], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
