from std_msgs.msg import String

from sovereign_robot.nodes.publishers import PublisherNames, sender_of
from tests.nodes.conftest import Ros


def test_a_message_is_traced_to_the_name_of_its_sender_and_two_of_one_name_are_told_apart(ros: Ros):
    ear, senders = ros.peer("ear"), [ros.peer(name) for name in ("left", "right", "right")]
    who, heard = PublisherNames(ear, "said"), {}
    ear.create_subscription(
        String, "said", lambda m, info: heard.setdefault(m.data, who.name(sender_of(info))), 10
    )
    publishers = [node.create_publisher(String, "said", 10) for node in senders]

    def spoken() -> bool:
        for i, publisher in enumerate(publishers):
            publisher.publish(String(data=str(i)))
        return len(heard) == 3

    ros.spin_until(spoken)
    assert heard["0"] == "/left"
    assert {heard["1"], heard["2"]} == {"/right", "/right #2"}


def test_who_else_publishes_a_topic_is_named(ros: Ros):
    mine, other = ros.peer("mine"), ros.peer("other")
    who = PublisherNames(mine, "said")
    mine.create_publisher(String, "said", 10)
    ros.spin_until(lambda: mine.count_publishers("said") == 1)
    assert who.others("/mine") == ()
    other.create_publisher(String, "said", 10)
    ros.spin_until(lambda: who.others("/mine"))
    assert who.others("/mine") == ("/other",)
    mine.create_publisher(String, "said", 10)
    ros.spin_until(lambda: mine.count_publishers("said") == 3)
    assert who.others("/mine") == ("/mine", "/other")


def test_a_sender_that_ros_does_not_know_has_its_number(ros: Ros):
    assert PublisherNames(ros.peer(), "said").name(b"\x01\xff") == "publisher 01ff"
