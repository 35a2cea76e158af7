import numpy as np
import pytest

from sovereign_robot.sim.sensors import Sensors
from sovereign_robot.sim.variation import Sensing

GREY = np.full((96, 128, 3), 128, dtype=np.uint8)


def sensors(robot, seed=1, **sensing):
    made = Sensors(robot)
    made.reset(Sensing(**sensing), seed)
    return made


def keep(made, value):
    """A moment at which every joint and the world stand at `value`, and move at ten times that."""
    made.keep(np.full(20, value), np.full(6, value), np.full(6, 10 * value))


def test_perfect_sensors_report_the_newest_truth(robot):
    made = sensors(robot)
    for value in range(3):
        keep(made, float(value))

    position, velocity = made.joints()
    np.testing.assert_array_equal(position, np.full(6, 2.0))
    np.testing.assert_array_equal(velocity, np.full(6, 20.0))
    assert made.late_qpos() is None
    assert made.noisy("front", GREY) is GREY


@pytest.mark.parametrize(("delay_s", "periods"), [(0.01, 1), (0.024, 2), (0.05, 5)])
def test_what_arrives_is_as_old_as_the_delay_in_whole_control_periods(robot, delay_s, periods):
    made = sensors(robot, joint_delay_s=delay_s, camera_delay_s=delay_s)
    for value in range(12):
        keep(made, float(value))
        expected = max(value - periods, 0)
        assert made.joints()[0][0] == expected
        assert made.joints()[1][0] == 10 * expected
        assert made.late_qpos()[0] == expected


def test_joints_and_cameras_have_delays_of_their_own(robot):
    made = sensors(robot, joint_delay_s=0.02, camera_delay_s=0.05)
    for value in range(12):
        keep(made, float(value))

    assert made.joints()[0][0] == 9.0
    assert made.late_qpos()[0] == 6.0


def test_noise_has_the_declared_size(robot):
    made = sensors(robot, joint_noise_rad=0.003, image_noise_levels=4.0)
    readings, pictures = [], []
    for _ in range(400):
        keep(made, 0.0)
        readings.append(made.joints()[0])
        pictures.append(made.noisy("front", GREY).astype(int) - 128)

    assert np.std(readings) == pytest.approx(0.003, rel=0.05)
    assert np.mean(readings) == pytest.approx(0.0, abs=0.0002)
    assert np.std(pictures[:20]) == pytest.approx(4.0, rel=0.05)
    assert np.abs(pictures[0] - pictures[1]).mean() > 1.0


def test_looking_twice_shows_the_same_and_changes_nothing_later(robot):
    curious, calm = (sensors(robot, joint_noise_rad=0.01, image_noise_levels=3.0) for _ in range(2))
    for _ in range(3):
        keep(curious, 1.0)
        keep(calm, 1.0)
        looks = [(curious.joints()[0], curious.noisy("front", GREY)) for _ in range(3)]
        assert all(np.array_equal(looks[0][k], look[k]) for look in looks for k in (0, 1))

    np.testing.assert_array_equal(curious.joints()[0], calm.joints()[0])
    np.testing.assert_array_equal(curious.noisy("wrist", GREY), calm.noisy("wrist", GREY))


def test_a_seed_means_the_same_noise_and_cameras_differ(robot):
    made = sensors(robot, seed=5, joint_noise_rad=0.01, image_noise_levels=3.0)
    shown = []
    for seed in (5, 5, 6):
        made.reset(Sensing(joint_noise_rad=0.01, image_noise_levels=3.0), seed)
        keep(made, 1.0)
        shown.append((made.joints()[0], made.noisy("front", GREY)))

    for first, second in zip(shown[0], shown[1], strict=True):
        np.testing.assert_array_equal(first, second)
    assert not np.array_equal(shown[0][0], shown[2][0])
    assert not np.array_equal(shown[0][1], shown[2][1])
    assert not np.array_equal(made.noisy("front", GREY), made.noisy("wrist", GREY))


def test_what_was_handed_in_and_out_can_change_without_harm(robot):
    made = sensors(robot, joint_delay_s=0.01, camera_delay_s=0.01)
    qpos, position, velocity = np.zeros(20), np.zeros(6), np.zeros(6)
    made.keep(qpos, position, velocity)
    for array in (qpos, position, velocity, made.joints()[0]):
        array += 9.0
    made.keep(qpos, position, velocity)

    assert made.joints()[0][0] == 0.0
    assert made.joints()[1][0] == 0.0
    assert made.late_qpos()[0] == 0.0


def test_noise_neither_wraps_around_nor_leaves_the_range(robot):
    made = sensors(robot, image_noise_levels=30.0)
    keep(made, 0.0)
    for level in (0, 255):
        noisy = made.noisy("front", np.full_like(GREY, level))
        assert noisy.dtype == np.uint8
        assert np.abs(noisy.astype(int) - level).max() < 200
        assert (noisy == level).mean() > 0.4


def test_a_new_scene_knows_nothing_of_the_last(robot):
    made = sensors(robot, joint_delay_s=0.05, camera_delay_s=0.05)
    for value in range(9):
        keep(made, float(value))
    made.reset(Sensing(joint_delay_s=0.05, camera_delay_s=0.05), 2)
    keep(made, 100.0)

    assert made.joints()[0][0] == 100.0
    assert made.late_qpos()[0] == 100.0
