import re

from sovereign_robot.contract import names

CONSTANTS = {k: v for k, v in vars(names).items() if k.isupper()}
GLOBAL_BY_CONVENTION = {"/clock", "/diagnostics"}


def test_every_name_is_a_ros_name_and_relative_but_for_those_ros_makes_global():
    for value in CONSTANTS.values():
        assert re.fullmatch(r"/?[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*", value)
        assert not value.startswith("/") or value in GLOBAL_BY_CONVENTION


def test_no_two_names_are_equal():
    assert len(set(CONSTANTS.values())) == len(CONSTANTS)


def test_camera_topics_carry_the_name_of_the_camera():
    assert names.camera_image_topic("front") == "camera/front/image_raw"
    assert names.camera_info_topic("wrist") == "camera/wrist/camera_info"
