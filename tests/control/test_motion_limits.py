import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_robot.control.motion_limits import Motion, MotionLimits

LIMITS = MotionLimits(-1.0, 1.2, 3.0, 20.0, 2000.0, 0.01)

motions = st.builds(Motion, st.floats(-1.0, 1.2), st.floats(-3.0, 3.0), st.floats(-20.0, 20.0)).filter(
    LIMITS.viable
)
steps = st.floats(1e-4, 0.05)
caps = st.floats(0.0, 3.0)


@given(motions, st.floats(-1.0, 1.2), steps, caps)
@settings(max_examples=500, deadline=None)
def test_from_a_viable_motion_every_step_leads_to_a_viable_one(motion, rest, dt_s, cap):
    assert LIMITS.viable(LIMITS.towards(motion, rest, dt_s, cap))
    assert LIMITS.viable(LIMITS.braked(motion, dt_s))


@given(motions, steps)
@settings(max_examples=300, deadline=None)
def test_braking_in_parts_is_braking_at_once(motion, dt_s):
    once = LIMITS.braked(motion, dt_s)
    parts = motion
    for _ in range(4):
        parts = LIMITS.braked(parts, dt_s / 4)
    assert parts == pytest.approx(once, abs=1e-6)


@given(motions)
@settings(max_examples=300, deadline=None)
def test_braking_ends_at_rest_where_it_was_foretold(motion):
    end = LIMITS.braked(motion, 2.0)
    way = LIMITS.stop_way(motion.velocity_rad_s, motion.acceleration_rad_s2)
    assert (end.velocity_rad_s, end.acceleration_rad_s2) == (0.0, 0.0)
    assert end.position_rad == pytest.approx(motion.position_rad + way, abs=1e-8)


@given(motions, steps)
@settings(max_examples=300, deadline=None)
def test_poses_of_braking_are_those_of_the_motion(motion, dt_s):
    soon, whole = LIMITS.braking_poses(motion, (dt_s,))
    assert soon == pytest.approx(LIMITS.braked(motion, dt_s).position_rad, abs=1e-8)
    way = LIMITS.stop_way(motion.velocity_rad_s, motion.acceleration_rad_s2)
    assert whole == pytest.approx(motion.position_rad + way, abs=1e-8)


def test_a_cap_is_reached_without_swinging():
    motion, speeds = Motion(-1.0, 0.0, 0.0), []
    for tick in range(70):
        motion = LIMITS.towards(motion, 1.2, 0.01, 2.0 if tick < 30 else 0.5)
        speeds.append(motion.velocity_rad_s)
    assert max(speeds) == pytest.approx(2.0, abs=1e-6)
    assert speeds[-1] == pytest.approx(0.5, abs=1e-6)
    assert min(speeds[30:]) >= 0.5 - 1e-6
