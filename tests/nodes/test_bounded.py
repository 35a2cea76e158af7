import pytest
from std_msgs.msg import String

from sovereign_robot.nodes.bounded import subscribe
from sovereign_robot.nodes.qos import EVERY
from tests.nodes.conftest import Ros


@pytest.fixture
def heard(ros: Ros) -> list[str]:
    """What a bounded subscription of a node named "listener" passes on; at most 100 bytes a message."""
    texts: list[str] = []
    node = ros.peer("listener")
    subscribe(node, String, "words", lambda message: texts.append(message.data), EVERY, max_bytes=100)
    return texts


def test_a_message_arrives_as_its_type_and_a_larger_one_is_refused_aloud(ros: Ros, heard: list[str], capfd):
    talker = ros.peer("talker").create_publisher(String, "words", EVERY)
    ros.spin_until(talker.get_subscription_count)
    for text in ("before", "a" * 1000, "after"):
        talker.publish(String(data=text))
    ros.spin_until(lambda: "after" in heard)
    assert heard == ["before", "after"]
    assert "words brought 1009 bytes, expected at most 100: refused" in capfd.readouterr().err


def test_bytes_that_are_no_such_message_are_refused_aloud(ros: Ros, heard: list[str], capfd):
    talker = ros.peer("talker").create_publisher(String, "words", EVERY)
    ros.spin_until(talker.get_subscription_count)
    talker.publish(b"\x00\x01\x00\x00\xff\xff\xff\x7f")
    talker.publish(String(data="after"))
    ros.spin_until(lambda: "after" in heard)
    assert heard == ["after"]
    assert "words brought 8 bytes that are no String: refused" in capfd.readouterr().err


def test_text_that_is_not_utf8_arrives_as_text_that_can_be_sent_on(ros: Ros, heard: list[str]):
    talker = ros.peer("talker").create_publisher(String, "words", EVERY)
    ros.spin_until(talker.get_subscription_count)
    talker.publish(b"\x00\x01\x00\x00\x03\x00\x00\x00\xff\xfe\x00\x00")
    ros.spin_until(lambda: heard)
    talker.publish(String(data=heard[0]))
