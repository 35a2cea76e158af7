"""The launch file says what the graph says; where ROS's `launch` is installed, it is run as well."""

import ast
from pathlib import Path

import pytest

from sovereign_robot.nodes.graph import ARGUMENTS

FILE = Path(__file__).parents[2] / "launch" / "sim.launch.py"


def test_it_compiles_and_takes_everything_from_the_graph():
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions == ["generate_launch_description"]
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert not texts & {"sim_node", "policy_node", "safety_node", "robot", "seed"}


def test_every_argument_is_declared_and_every_node_is_there():
    pytest.importorskip("launch")
    pytest.importorskip("launch_ros")
    import importlib.util

    from launch.actions import DeclareLaunchArgument
    from launch_ros.actions import Node

    spec = importlib.util.spec_from_file_location("sim_launch", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    entities = module.generate_launch_description().entities
    declared = [e.name for e in entities if isinstance(e, DeclareLaunchArgument)]
    assert declared == [argument.name for argument in ARGUMENTS]
    assert len([e for e in entities if isinstance(e, Node)]) == 3
