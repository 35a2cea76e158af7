import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.chunking import Chunking
from sovereign_robot.control.command_mux import TOPIC, CommandMux, InForce, Source
from sovereign_robot.control.safety_state import Event, Fault, State

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s
HOME = InForce(SO101.home, np.zeros(6))
LEADER_POSE = SO101.home + np.deg2rad(4.0)


def chunk(stamp_s: float, goal_rad: Array = SO101.home, rows: int = 16) -> ActionChunk:
    return ActionChunk(stamp_s, STEP_S, SO101.joint_names, np.tile(goal_rad, (rows, 1)))


class Hand:
    """A mux whose arm rests at home, and what was refused."""

    def __init__(self) -> None:
        self.mux = CommandMux(SO101, 0.0, Chunking.PREFIX)
        self.refusals: list[str] = []

    def send(self, source: Source, now_s: float, goal_rad: Array = SO101.home, rows: int = 16) -> None:
        self.mux.take(chunk(now_s, goal_rad, rows), source, "", now_s)
        self.refusals = self.mux.accept(now_s, HOME, "")

    def follows(self, now_s: float) -> bool:
        """Whether there is a target away from home at a time."""
        target_rad = self.mux.follow(now_s)
        return not isinstance(target_rad, Fault) and bool((target_rad > SO101.home + 0.01).all())

    def engage(self, now_s: float) -> None:
        self.send(Source.TELEOP, now_s, LEADER_POSE)
        assert self.mux.lead is Source.TELEOP


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_nobody_leads_before_a_chunk_came(hand: Hand):
    assert hand.mux.lead is None
    assert hand.mux.follow(0.0) is None
    assert hand.mux.committed(0.0, 4).shape == (0, 6)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (Source.REPLAY, Source.POLICY),
        (Source.REPLAY, Source.TELEOP),
        (Source.POLICY, Source.TELEOP),
    ],
)
def test_a_higher_source_takes_the_lead_with_its_first_chunk_and_keeps_it(
    hand: Hand, low: Source, high: Source
):
    hand.send(low, 1.0)
    assert hand.mux.lead is low
    hand.send(high, 1.05, LEADER_POSE)
    assert hand.mux.lead is high
    assert hand.follows(1.15)
    hand.send(low, 1.1)
    assert hand.refusals == [f"{TOPIC[low]} is refused while {TOPIC[high]} leads"]
    assert hand.mux.lead is high


def test_a_chunk_that_is_refused_does_not_take_the_lead(hand: Hand):
    hand.send(Source.POLICY, 5.0)
    hand.mux.take(chunk(1.0), Source.TELEOP, "", 5.0)
    assert "action chunk ended" in hand.mux.accept(5.0, HOME, "")[0]
    assert hand.mux.lead is Source.POLICY


def test_stamps_of_two_sources_are_not_compared(hand: Hand):
    hand.send(Source.REPLAY, 1.0)
    hand.mux.take(chunk(0.9), Source.POLICY, "", 1.0)
    assert hand.mux.accept(1.0, HOME, "") == []
    assert (hand.mux.lead, hand.mux.stamp_s) == (Source.POLICY, 0.9)


def test_a_replay_leads_again_once_the_policys_plan_has_ended(hand: Hand):
    hand.send(Source.POLICY, 1.0)
    hand.send(Source.REPLAY, 1.79)
    assert hand.mux.lead is Source.POLICY
    hand.send(Source.REPLAY, 1.85)
    assert hand.mux.lead is Source.REPLAY


def test_a_plan_that_ran_out_is_named_with_its_age(hand: Hand):
    hand.send(Source.REPLAY, 1.0)
    fault = hand.mux.follow(1.85)
    assert (fault.event, fault.state) == (Event.STARVED, State.HOLDING)
    assert fault.reason.startswith("replay/action_chunk ran out: its newest observation is 0.850 s old")


def test_a_plan_is_not_followed_beyond_the_age_of_its_observation(hand: Hand):
    hand.send(Source.POLICY, 1.0, rows=100)
    assert not isinstance(hand.mux.follow(3.0), Fault)
    fault = hand.mux.follow(3.01)
    assert fault.event is Event.STALE
    assert fault.reason == (
        "the observation behind policy/action_chunk is 2.010 s old, expected at most 2.000 s"
    )


def test_a_second_publisher_is_refused_by_name_while_the_first_is_alive(hand: Hand):
    hand.mux.take(chunk(1.0), Source.POLICY, "one", 1.0)
    with pytest.raises(CommandError, match="policy/action_chunk of 'two' is refused: 'one' already"):
        hand.mux.take(chunk(1.5), Source.POLICY, "two", 2.0)
    hand.mux.take(chunk(2.0), Source.TELEOP, "two", 2.0)
    hand.mux.take(chunk(2.1), Source.POLICY, "two", 2.1)
    with pytest.raises(CommandError, match="'one' is refused: 'two' already"):
        hand.mux.take(chunk(2.2), Source.POLICY, "one", 2.2)


def test_while_barred_every_chunk_is_refused_with_the_reason(hand: Hand):
    for stamp_s in (1.0, 1.1):
        hand.mux.take(chunk(stamp_s), Source.POLICY, "", 1.1)
    assert hand.mux.accept(1.1, HOME, "closed") == ["closed", "closed"]
    assert hand.mux.accept(1.1, HOME, "") == []


def test_a_flood_of_one_source_does_not_push_another_out(hand: Hand):
    hand.mux.take(chunk(1.0, LEADER_POSE), Source.TELEOP, "", 1.0)
    for _ in range(1000):
        hand.mux.take(chunk(1.0), Source.POLICY, "", 1.0)
    assert len(hand.mux.accept(1.0, HOME, "")) == 8
    assert hand.mux.lead is Source.TELEOP


def test_a_leader_that_is_far_from_the_arm_does_not_engage_and_the_joint_is_named(hand: Hand):
    away_rad = SO101.home.copy()
    away_rad[2] -= np.deg2rad(12.3)
    hand.send(Source.POLICY, 1.0)
    hand.send(Source.TELEOP, 1.1, away_rad)
    sentence = (
        "teleop/command cannot engage: elbow_flex of the leader is -12.3 degrees from the arm's, expected "
        "within 5; move the leader to the arm"
    )
    assert hand.refusals == [sentence]
    assert hand.mux.follow(1.11) == Fault(Event.MISALIGNED, sentence)
    hand.send(Source.TELEOP, 1.15, LEADER_POSE)
    assert hand.follows(1.25)


def test_a_leader_does_not_engage_before_it_is_known_where_the_arm_is(hand: Hand):
    hand.mux.take(chunk(1.0), Source.TELEOP, "", 1.0)
    refusals = hand.mux.accept(1.0, None, "")
    assert refusals == ["teleop/command cannot engage before it is known where the arm is"]
    assert hand.mux.lead is None


def test_an_engaged_leader_may_go_anywhere(hand: Hand):
    hand.engage(1.0)
    hand.send(Source.TELEOP, 1.05, SO101.home + 0.5)
    assert hand.refusals == []
    assert hand.follows(1.15)


def test_after_a_hold_a_leader_must_engage_again(hand: Hand):
    hand.engage(1.0)
    hand.mux.hold(1.05)
    assert isinstance(hand.mux.follow(1.05), Fault)
    hand.send(Source.TELEOP, 1.06, SO101.home + 0.5)
    assert "cannot engage" in hand.refusals[0]
    hand.send(Source.TELEOP, 1.07, LEADER_POSE)
    assert hand.refusals == []


def test_between_two_messages_of_a_leader_the_arm_goes_on_to_its_last_pose_without_a_jump(hand: Hand):
    near = SO101.home + 0.02
    hand.send(Source.TELEOP, 1.0, near, rows=1)
    moved = np.array([hand.mux.follow(1.0 + 0.01 * i) for i in range(11)])
    pull = np.diff(moved, 2, axis=0) / 0.01**2
    assert (np.abs(pull) <= SO101.acceleration_rad_s2).all()
    assert (np.diff(moved, axis=0) >= -1e-9).all()
    assert moved[-1] == pytest.approx(near, abs=2e-3)


def test_a_leader_that_lets_go_holds_at_once_and_only_a_person_goes_on(hand: Hand):
    hand.engage(1.0)
    hand.mux.take(chunk(0.0, rows=0), Source.TELEOP, "somebody else", 1.01)
    fault = hand.mux.follow(1.01)
    assert (fault.event, fault.state) == (Event.RELEASED, State.HOLDING)
    assert fault.reason == "teleop/command let go of its dead-man switch; press it, or call safety/start"
    hand.send(Source.POLICY, 3.0)
    assert hand.refusals == ["policy/action_chunk is refused while teleop/command leads"]
    assert hand.mux.follow(1000.0).event is Event.RELEASED
    hand.send(Source.TELEOP, 1000.0, LEADER_POSE)
    assert hand.follows(1000.1)


def test_letting_go_also_drops_what_the_leader_sent_before(hand: Hand):
    hand.mux.take(chunk(1.0, LEADER_POSE), Source.TELEOP, "", 1.0)
    hand.mux.take(chunk(1.0, rows=0), Source.TELEOP, "", 1.0)
    assert hand.mux.accept(1.0, HOME, "") == []
    assert hand.mux.lead is None


def test_a_leader_that_does_not_lead_may_let_go_without_effect(hand: Hand):
    hand.send(Source.POLICY, 1.0)
    hand.mux.take(chunk(1.0, rows=0), Source.TELEOP, "", 1.0)
    assert not isinstance(hand.mux.follow(1.01), Fault)


def test_an_empty_chunk_of_the_policy_withdraws_only_a_plan_that_is_there(hand: Hand):
    hand.send(Source.POLICY, 1.0, rows=0)
    assert (hand.refusals, hand.mux.lead) == ([], None)


@pytest.mark.parametrize(
    ("silent_s", "state", "sentence"),
    [
        (0.11, State.HOLDING, "teleop/command has been silent for 0.110 s, expected at most 0.100 s"),
        (0.5, State.HOLDING, "teleop/command has been silent for 0.500 s, expected at most 0.100 s"),
        (
            0.51,
            State.PROTECTIVE_STOP,
            "teleop/command has been silent for 0.510 s, and its switch was not let go",
        ),
    ],
)
def test_a_leader_that_falls_silent_holds_and_then_stops_the_arm(
    hand: Hand, silent_s: float, state: State, sentence: str
):
    hand.engage(1.0)
    assert not isinstance(hand.mux.follow(1.1), Fault)
    assert hand.mux.follow(1.0 + silent_s) == Fault(Event.STALE, sentence, state)


def test_a_leader_that_nobody_listened_to_is_not_silent_and_one_that_let_go_stays_so(hand: Hand):
    hand.engage(1.0)
    hand.mux.look_again(1.4)
    assert hand.follows(1.5)
    hand.mux.take(chunk(0.0, rows=0), Source.TELEOP, "", 1.5)
    hand.mux.look_again(1.6)
    assert hand.mux.follow(1.6).event is Event.RELEASED


def test_after_clear_only_newer_observations_count_from_every_source(hand: Hand):
    hand.engage(1.0)
    hand.mux.clear(2.0)
    assert hand.mux.lead is None
    for source in Source:
        hand.mux.take(chunk(1.9), source, "", 2.1)
    refusals = hand.mux.accept(2.1, HOME, "")
    assert ["before the last stop or reset" in refusal for refusal in refusals] == [True] * 3


def test_a_refused_engagement_does_not_let_older_observations_in(hand: Hand):
    hand.mux.clear(2.0)
    hand.send(Source.TELEOP, 2.1, SO101.home + 0.5)
    hand.mux.take(chunk(1.9, LEADER_POSE), Source.TELEOP, "", 2.1)
    assert "before the last stop or reset" in hand.mux.accept(2.1, HOME, "")[0]


@pytest.mark.parametrize("rows", [1, 16])
def test_a_leader_is_followed_alike_whatever_the_policys_chunking_and_however_far_it_repeats_its_pose(rows):
    mux, speed, followed = CommandMux(SO101, 0.1, Chunking.ENSEMBLE), 0.4, SO101.home
    for tick in range(100):
        now_s = 0.01 * tick
        if tick % 5 == 0:
            mux.take(chunk(now_s, SO101.home + speed * now_s, rows), Source.TELEOP, "", now_s)
        mux.accept(now_s, InForce(followed, np.zeros(6)), "")
        followed = mux.follow(now_s)
    behind_s = 0.99 - (followed - SO101.home) / speed
    assert behind_s.max() < 0.13
