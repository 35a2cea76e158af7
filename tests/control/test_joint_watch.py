import numpy as np
import pytest

from sovereign_robot.contract.errors import ObservationError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import JointState
from sovereign_robot.control.joint_watch import JointWatch

SO101 = load_robot("so101")


def joints(stamp_s: float = 0.0, **changes) -> JointState:
    fields = {"joint_names": SO101.joint_names, "position_rad": SO101.home, "velocity_rad_s": np.zeros(6)}
    return JointState(stamp_s=stamp_s, **(fields | changes))


def test_joints_are_stale_after_three_control_periods():
    watch = JointWatch(SO101)
    watch.take(joints(1.0))
    assert watch.fault(1.03) == ""
    assert watch.fault(1.04) == "joint_states is 0.040 s old, expected at most 0.030 s"


def test_before_the_first_message_the_missing_stream_is_named():
    assert JointWatch(SO101).fault(0.0) == "joint_states has not been received"


def test_older_and_repeated_joints_are_passed_over():
    watch = JointWatch(SO101)
    watch.take(joints(1.0))
    for stamp_s in (1.0, 0.9):
        watch.take(joints(stamp_s, position_rad=SO101.home + 0.1))
    assert watch.newest is not None
    assert np.array_equal(watch.newest.position_rad, SO101.home)


def test_joints_from_the_future_are_a_fault_and_do_not_shadow_true_ones():
    watch = JointWatch(SO101)
    watch.take(joints(3601.0))
    assert watch.fault(1.0) == "joint_states is stamped 3600.000 s in the future, expected at most 0.050 s"
    watch.take(joints(1.01))
    assert watch.fault(1.01) == ""


def test_joints_from_before_a_reset_are_passed_over():
    watch = JointWatch(SO101)
    watch.forget(not_before_s=2.0)
    watch.take(joints(1.99))
    assert watch.newest is None
    watch.take(joints(2.0))
    assert watch.newest is not None


def test_degrees_are_refused_with_the_joint_and_its_range():
    with pytest.raises(ObservationError) as error:
        JointWatch(SO101).take(joints(position_rad=np.rad2deg(SO101.home)))
    assert str(error.value) == (
        "joint_states says that shoulder_lift is at -57.3 rad, expected -1.745 .. 1.745 rad; "
        "check calibration and unit"
    )


def test_not_a_number_is_refused_with_the_joint():
    position = SO101.home.copy()
    position[4] = np.nan
    with pytest.raises(ObservationError, match="wrist_roll is at nan rad"):
        JointWatch(SO101).take(joints(position_rad=position))


def test_another_joint_order_is_refused():
    with pytest.raises(ObservationError, match=r"joint_states names gripper, .*, expected shoulder_pan, "):
        JointWatch(SO101).take(joints(joint_names=SO101.joint_names[::-1]))


@pytest.mark.parametrize("stamp_s", [float("nan"), float("inf")])
def test_a_stamp_that_is_not_finite_is_refused(stamp_s: float):
    with pytest.raises(ObservationError, match="expected a finite time"):
        JointWatch(SO101).take(joints(stamp_s))


def test_a_missing_joint_is_refused():
    with pytest.raises(ObservationError, match=r"joint_states has shape \(5,\), expected \(6,\)"):
        JointWatch(SO101).take(joints(position_rad=SO101.home[:5]))


def test_a_joint_that_leaps_faster_than_it_turns_is_refused_and_named():
    watch = JointWatch(SO101)
    watch.take(joints(1.0))
    with pytest.raises(ObservationError, match=r"says that shoulder_lift moved 1\.000 rad in 0\.010 s"):
        watch.take(joints(1.01, position_rad=SO101.home[::-1]))
    assert watch.newest is not None
    assert watch.newest.stamp_s == 1.0


def test_after_a_gap_a_joint_may_be_as_far_as_it_turns_meanwhile():
    watch = JointWatch(SO101)
    watch.take(joints(1.0))
    far_rad = SO101.home + np.array([0.9, 0, 0, 0, 0, 0])
    watch.take(joints(1.3, position_rad=far_rad))
    assert watch.newest is not None
    assert watch.newest.stamp_s == 1.3


def test_after_forgetting_the_arm_may_be_anywhere():
    watch = JointWatch(SO101)
    watch.take(joints(1.0))
    watch.forget()
    watch.take(joints(1.01, position_rad=SO101.home[::-1]))
    assert watch.newest is not None


def test_joints_are_lost_once_there_was_a_fault_for_too_long():
    watch = JointWatch(SO101)
    watch.take(joints(1.0))
    assert watch.fault(1.0) == ""
    assert not watch.is_lost(1.2)
    assert watch.is_lost(1.21)
    watch.look_again(1.5)
    assert watch.fault(1.5)
    assert not watch.is_lost(1.7)
    assert watch.is_lost(1.71)
