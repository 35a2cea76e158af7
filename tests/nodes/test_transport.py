import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from std_msgs.msg import String

from sovereign_robot.nodes.qos import EVERY, SENSOR
from sovereign_robot.nodes.transport import (
    DISCOVERY,
    NEEDED_MB,
    OVER_THE_NETWORK,
    PROFILE,
    TRANSPORT,
    own_domain,
    prepare_transport,
    transport_in_use,
)

PAIRS = 100
# Prints the local address of every UDP socket that a node opens.
SOCKETS = """
import os
import rclpy
from sovereign_robot.nodes.transport import prepare_transport

prepare_transport()
rclpy.init()
node = rclpy.create_node("alone")
paths = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
links = {os.readlink(path) for path in paths if os.path.lexists(path)}
for line in open("/proc/self/net/udp").read().splitlines()[1:]:
    words = line.split()
    if f"socket:[{words[9]}]" in links:
        print(".".join(str(int(words[1][i : i + 2], 16)) for i in (6, 4, 2, 0)))
"""
# Sends pairs of pictures at 30 Hz, or as fast as a busy machine answers; prints how many were lost.
SEND = """
import sys, time
import numpy as np, rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import String
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.nodes import ros_msgs
from sovereign_robot.nodes.qos import EVERY, SENSOR
from sovereign_robot.nodes.transport import prepare_transport

prepare_transport()
rclpy.init()
node, executor = Node("send"), SingleThreadedExecutor()
executor.add_node(node)
camera = load_robot("so101").cameras[0]
image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
topics = [node.create_publisher(Image, name, SENSOR) for name in ("front", "wrist")]
seen = set()
node.create_subscription(String, "seen", lambda message: seen.add(message.data), EVERY)
while not all(t.get_subscription_count() for t in topics) or not node.count_publishers("seen"):
    executor.spin_once(timeout_sec=0.05)
lost = 0
for i in range(int(sys.argv[1])):
    start_s = time.monotonic()
    for topic in topics:
        topic.publish(ros_msgs.image_msg(camera, float(i), image))
    wanted = {f"front {i}", f"wrist {i}"}
    while not wanted <= seen and time.monotonic() < start_s + float(sys.argv[2]):
        executor.spin_once(timeout_sec=0.02)
    lost += len(wanted - seen)
    time.sleep(max(0.0, start_s + 1 / 30 - time.monotonic()))
print(lost)
"""


def test_without_a_choice_nodes_get_room_for_images_and_stay_on_this_machine():
    environ: dict[str, str] = {}
    assert prepare_transport(environ) == ""
    assert environ[DISCOVERY] == "SYSTEM_DEFAULT"
    assert "<address>127.0.0.1</address>" in Path(environ[PROFILE]).read_text(encoding="utf-8")
    assert transport_in_use(environ) == f"{PROFILE}={environ[PROFILE]}"


def test_a_second_call_changes_nothing():
    environ: dict[str, str] = {}
    prepare_transport(environ)
    before = dict(environ)
    prepare_transport(environ)
    assert environ == before


@pytest.mark.parametrize(
    "chosen",
    [
        {TRANSPORT: "UDPv4"},
        {PROFILE: "mine.xml"},
        {"FASTRTPS_DEFAULT_PROFILES_FILE": "mine.xml", DISCOVERY: "SUBNET"},
        {"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp", DISCOVERY: "LOCALHOST"},
    ],
)
def test_what_the_user_chose_is_kept(chosen: dict[str, str]):
    environ = dict(chosen)
    assert prepare_transport(environ) == ""
    assert environ == chosen


def test_a_user_who_asks_for_the_network_gets_it_with_room_for_images():
    environ = {DISCOVERY: "SUBNET"}
    assert prepare_transport(environ) == ""
    assert environ == {DISCOVERY: "SUBNET", TRANSPORT: OVER_THE_NETWORK}


def test_another_middleware_stays_on_this_machine():
    environ = {"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}
    assert prepare_transport(environ) == ""
    assert environ[DISCOVERY] == "LOCALHOST"
    assert transport_in_use(environ) == "the middleware's own"


def test_without_shared_memory_it_says_so_in_one_sentence(tmp_path: Path):
    environ: dict[str, str] = {}
    warning = prepare_transport(environ, tmp_path / "shm")
    assert f"{tmp_path}/shm has 0 MB free, expected {NEEDED_MB} MB: camera images above 64 KB may" in warning
    assert "--shm-size" in warning
    assert environ == {DISCOVERY: "LOCALHOST"}


def test_a_simulated_robot_gets_a_domain_that_is_not_everyones_default():
    environ: dict[str, str] = {}
    domain_id = own_domain(environ)
    assert 1 <= domain_id <= 99
    assert environ == {"ROS_DOMAIN_ID": str(domain_id)}


def test_a_domain_that_the_user_chose_is_kept():
    assert own_domain({"ROS_DOMAIN_ID": "0"}) == 0


def test_a_node_opens_no_socket_outside_loopback(domain: int):
    run = subprocess.run([sys.executable, "-c", SOCKETS], capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    addresses = run.stdout.split()
    assert addresses
    assert [a for a in addresses if not a.startswith(("127.0.0.1", "239."))] == []


def test_two_cameras_of_640x480_at_30_hz_arrive_in_another_process(domain: int):
    prepare_transport()
    assert lost_images(PAIRS, patience_s=5.0) <= 0.005 * 2 * PAIRS


def test_what_fast_dds_does_by_itself_loses_images(domain: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(TRANSPORT, "DEFAULT")
    monkeypatch.delenv(PROFILE, raising=False)
    assert lost_images(30, patience_s=0.2) > 5


def lost_images(pairs: int, patience_s: float) -> int:
    """How many pictures another process sends in vain to this one, which answers each."""
    sender = subprocess.Popen(
        [sys.executable, "-c", SEND, str(pairs), str(patience_s)], stdout=subprocess.PIPE, text=True
    )
    context = rclpy.Context()
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    node, executor = Node("receive", context=context), SingleThreadedExecutor(context=context)
    executor.add_node(node)
    seen = node.create_publisher(String, "seen", EVERY)
    for name in ("front", "wrist"):
        answer = partial(_answer, seen, name)
        node.create_subscription(Image, name, answer, SENSOR)
    try:
        while sender.poll() is None:
            executor.spin_once(timeout_sec=0.1)
        assert sender.returncode == 0
        return int(sender.communicate()[0])
    finally:
        sender.kill()
        node.destroy_node()
        executor.shutdown()
        rclpy.shutdown(context=context)


def _answer(seen: Publisher, name: str, image: Image) -> None:
    seen.publish(String(data=f"{name} {image.header.stamp.sec}"))
