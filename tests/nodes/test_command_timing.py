import pytest

from sovereign_robot.nodes.command_timing import KEPT_PLANS, CommandTiming, PlanTiming

PLAN = PlanTiming(stamp_s=5.0, camera_s=0.004, complete_s=100.004, started_s=100.005, ended_s=100.013)


@pytest.fixture
def timing() -> CommandTiming:
    made = CommandTiming()
    made.on_plan(PLAN)
    made.on_chunk(5.0, 100.015)
    return made


def test_the_parts_of_an_age_come_one_after_another(timing: CommandTiming):
    parts_s = timing.parts_s(5.0, 100.02)
    assert list(parts_s) == ["camera", "wait", "inference", "transfer", "tick", "played"]
    assert list(parts_s.values()) == pytest.approx([0.004, 0.001, 0.008, 0.002, 0.005, 0.0])
    assert sum(parts_s.values()) == pytest.approx(100.02 - 100.004 + 0.004)


def test_a_chunk_that_is_followed_on_grows_older_by_what_was_played(timing: CommandTiming):
    first = timing.parts_s(5.0, 100.02)
    later = timing.parts_s(5.0, 100.05)
    assert later["played"] == pytest.approx(0.03)
    assert {**later, "played": 0.0} == pytest.approx(first)


def test_a_chunk_about_which_nobody_said_when_it_was_made_has_no_parts(timing: CommandTiming):
    timing.on_chunk(6.0, 101.0)
    assert timing.parts_s(6.0, 101.01) == {}
    assert timing.of_command(6.01, 101.01, 0.01) == {
        "now_s": 6.01,
        "observation_s": 6.0,
        "age_ms": 10.0,
        "parts_ms": {},
    }


def test_people_read_the_age_of_each_command_in_milliseconds(timing: CommandTiming):
    said = timing.of_command(5.02, 100.02, 0.02)
    assert (said["observation_s"], said["age_ms"]) == (5.0, 20.0)
    assert said["parts_ms"]["inference"] == 8.0


def test_a_command_of_an_arm_that_is_held_has_no_age(timing: CommandTiming):
    assert timing.of_command(7.0, 102.0, None) == {"now_s": 7.0, "age_ms": None}


def test_only_the_last_plans_are_kept(timing: CommandTiming):
    for i in range(KEPT_PLANS):
        timing.on_plan(PlanTiming(6.0 + i, 0.0, 0.0, 0.0, 0.0))
    assert timing.parts_s(5.0, 100.02) == {}


def test_a_plan_comes_back_from_plain_data():
    assert PlanTiming.from_data({**PLAN.as_dict(), "pictures": {"front": 3}}) == PLAN
    with pytest.raises(KeyError):
        PlanTiming.from_data({"stamp_s": 1.0})
