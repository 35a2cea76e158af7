"""ROS for tests: one context, domain and executor per test; waiting means spinning until something holds."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions

from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.nodes.managed_node import ManagedNode
from sovereign_robot.nodes.transport import prepare_transport

_DOMAINS = itertools.count(os.getpid() * 13)


def next_domain_id() -> int:
    """A DDS domain that no other test of this process uses; 1 .. 99 are free of other programs' ports."""
    return 1 + next(_DOMAINS) % 99


class Ros:
    """One test's ROS: what is made here ends with the test."""

    def __init__(self) -> None:
        prepare_transport()
        self.domain_id = next_domain_id()
        self.context = rclpy.Context()
        rclpy.init(
            context=self.context,
            domain_id=self.domain_id,
            signal_handler_options=SignalHandlerOptions.NO,
        )
        self.executor = SingleThreadedExecutor(context=self.context)
        self._nodes: list[Node] = []

    def node(self, make: Callable[..., Node], *args: Any, **parameters: object) -> Any:
        """Make a node with these parameter overrides, bring it up if it starts by itself, let it spin."""
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        node = make(*args, context=self.context, parameter_overrides=overrides)
        self._nodes.append(node)
        self.executor.add_node(node)
        if isinstance(node, ManagedNode) and node.parameters.autostart:
            node.bring_up()
        return node

    def peer(self, name: str = "peer") -> Node:
        """A plain node of the test's own."""
        return self.node(lambda **node: Node(name, **node))

    def hear(self, node: Node, kind: type, topic: str, qos: object = 10) -> list[Any]:
        """The list into which every message of a topic goes."""
        heard: list[Any] = []
        node.create_subscription(kind, topic, heard.append, qos)
        return heard

    def spin_until(self, happened: Callable[[], object], timeout_s: float = 20.0) -> None:
        """Spin until something holds; fails the test when it does not in time."""
        end_s = time.monotonic() + timeout_s
        while not happened():
            assert time.monotonic() < end_s, "it did not happen in time"
            self.executor.spin_once(timeout_sec=0.02)

    def call(self, node: Node, kind: type, service: str, request: object) -> Any:
        """Call a service and return its response."""
        client = node.create_client(kind, service)
        self.spin_until(client.service_is_ready)
        future = client.call_async(request)
        self.spin_until(future.done)
        return future.result()

    def close(self) -> None:
        for node in self._nodes:
            node.destroy_node()
        self.executor.shutdown()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def ros() -> Iterator[Ros]:
    made = Ros()
    yield made
    made.close()


@pytest.fixture(scope="session")
def contract() -> RobotContract:
    return load_robot("so101")


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> int:
    """A domain of its own for the processes that the test starts."""
    domain_id = next_domain_id()
    monkeypatch.setenv("ROS_DOMAIN_ID", str(domain_id))
    return domain_id


@pytest.fixture(scope="session")
def still_policy(tmp_path_factory: pytest.TempPathFactory, contract: RobotContract) -> Path:
    """A whole policy folder whose chunk stays where the arm is."""
    from tests.nodes.still_policy import write_still_policy

    return write_still_policy(tmp_path_factory.mktemp("policy"), contract)
