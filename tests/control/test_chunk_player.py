from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.chunk_player import HISTORY_S, MAX_ROWS, ChunkPlayer
from sovereign_robot.control.chunking import Chunking

SO101 = load_robot("so101")
STEP_S = SO101.policy_step_s
TICK_S = SO101.control_step_s
ROWS = 16


def wave(time_s: float) -> Array:
    """A smooth motion of all joints."""
    return SO101.home + 0.2 * np.sin(2.0 * time_s + np.arange(6))


def chunk(
    stamp_s: float, motion: Callable[[float], Array] = wave, rows: int = ROWS, **changes
) -> ActionChunk:
    position_rad = np.array([motion(stamp_s + (i + 1) * STEP_S) for i in range(rows)])
    fields = {"step_s": STEP_S, "joint_names": SO101.joint_names, "position_rad": position_rad}
    return ActionChunk(stamp_s=stamp_s, **(fields | changes))


# A row is passed at a sixth of its second difference, 1/6 * 0.8 rad/s^2 * (0.05 s)^2 for the wave.
NEAR_RAD = 5e-4


def test_without_a_plan_there_is_no_target_and_nothing_is_committed():
    player = ChunkPlayer(SO101)
    assert player.sample(0.0) is None
    assert player.committed(0.0, 4).shape == (0, 6)


def test_a_straight_motion_is_played_exactly_when_each_row_is_due():
    player = ChunkPlayer(SO101)
    plan = chunk(1.0, lambda t: SO101.home + 0.1 * t)
    player.accept(plan, 1.0)
    for time_s, row in zip(plan.times_s, plan.position_rad, strict=True):
        assert player.sample(time_s) == pytest.approx(row, abs=1e-12)


def test_the_last_row_is_reached_exactly():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    assert player.sample(ROWS * STEP_S) == pytest.approx(wave(ROWS * STEP_S), abs=1e-12)


def test_the_target_begins_at_the_command_in_force_and_with_its_velocity():
    command = SO101.home + 0.1
    for velocity, expected in ((None, np.zeros(6)), (np.full(6, 0.4), np.full(6, 0.4))):
        player = ChunkPlayer(SO101)
        player.accept(chunk(0.0), 0.02, command, velocity)
        first = player.sample(0.02)
        assert (first - command) / TICK_S == pytest.approx(expected)
        assert (player.sample(0.0201) - first) / 1e-4 == pytest.approx(expected, abs=0.01)


def test_after_the_last_row_the_player_is_starved():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    assert player.sample(ROWS * STEP_S) is not None
    assert player.sample(ROWS * STEP_S + 0.001) is None


def test_rows_that_latency_made_old_are_never_played():
    late_s = 0.31
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), late_s, wave(late_s))
    for time_s in np.arange(late_s, ROWS * STEP_S, TICK_S):
        ahead = player.sample(time_s)[0] - wave(late_s)[0]
        assert ahead * np.sign(wave(time_s)[0] - wave(late_s)[0]) >= -NEAR_RAD
    assert player.sample(0.6) == pytest.approx(wave(0.6), abs=NEAR_RAD)


def test_a_new_plan_takes_over_within_the_blend_time_and_without_a_step():
    player = ChunkPlayer(SO101, blend_s=0.1)
    player.accept(chunk(0.0, lambda _: SO101.home), 0.0, SO101.home)
    player.accept(chunk(0.2, lambda _: SO101.home + 0.01), 0.2)
    offsets = [player.sample(0.2 + 0.01 * i)[0] - SO101.home[0] for i in range(15)]
    assert offsets[0] == pytest.approx(0.0)
    assert offsets[5] == pytest.approx(0.005)
    assert offsets[10:] == pytest.approx([0.01] * 5)
    assert np.all(np.diff(offsets) >= -1e-12)


def test_a_far_plan_takes_over_in_the_time_that_the_limits_ask_for():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0, lambda _: SO101.home), 0.0, SO101.home)
    player.accept(chunk(0.2, lambda _: SO101.home + 0.4, rows=40), 0.2)
    moved = np.array([player.sample(0.2 + TICK_S * i) for i in range(190)])
    assert shares(moved) <= (1.0, 1.0)
    assert moved[-1] == pytest.approx(SO101.home + 0.4)
    assert 0.2 < TICK_S * np.argmax(moved[:, 0] > 0.399) < 0.8


def test_committed_rows_are_exactly_what_is_played():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    player.accept(chunk(0.2, lambda t: wave(t) + 0.05), 0.23)
    rows = player.committed(0.25, 4)
    played = [player.sample(0.25 + (i + 1) * STEP_S) for i in range(4)]
    assert np.array_equal(rows, np.array(played))


def test_committed_rows_end_where_the_plan_ends():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0, rows=6), 0.0, SO101.home)
    assert len(player.committed(0.2, 4)) == 2
    assert len(player.committed(0.3, 4)) == 0


def test_committed_rows_of_a_slightly_older_observation_are_what_was_played():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    player.sample(0.35)
    before = player.committed(0.3, 1)
    player.accept(chunk(0.2, lambda t: wave(t) + 0.3), 0.38)
    assert np.array_equal(player.committed(0.3, 1), before)


@pytest.mark.parametrize("chunking", list(Chunking))
@pytest.mark.parametrize("delay_ticks", [0, 1, 3, 5, 12, 20])
def test_a_perfect_policy_leaves_no_seam(chunking: Chunking, delay_ticks: int):
    """New chunks repeat the committed rows and go on with the motion: the target is the motion."""
    player = ChunkPlayer(SO101, chunking=chunking)
    player.accept(chunk(0.0), 0.0, wave(-TICK_S), (wave(0.0) - wave(-TICK_S)) / TICK_S)
    replan_ticks, waiting = 10, {}
    for tick in range(1, 300):
        now_s = tick * TICK_S
        if tick % replan_ticks == 0:
            promised = player.committed(now_s, 4)
            following = chunk(now_s)
            following.position_rad[: len(promised)] = promised
            waiting[tick + delay_ticks] = following
        if tick in waiting:
            player.accept(waiting.pop(tick), now_s)
        assert player.sample(now_s) == pytest.approx(wave(now_s), abs=2 * NEAR_RAD)


def shares(target_rad: Array) -> tuple[float, float]:
    """Greatest velocity and acceleration of targets (N, J) one tick apart, as shares of the limits."""
    velocity = np.diff(target_rad, axis=0) / TICK_S
    acceleration = np.diff(velocity, axis=0) / TICK_S
    return (
        float(np.max(np.abs(velocity) / SO101.velocity_rad_s)),
        float(np.max(np.abs(acceleration) / SO101.acceleration_rad_s2)),
    )


@dataclass(frozen=True)
class Network:
    """What happens to chunks on their way: each is observed at a policy step."""

    delays_ms: list[int]
    lost: set[int]
    doubled: set[int]

    @property
    def arrivals(self) -> list[tuple[float, float]]:
        """(time, observation time) of what comes, in the order in which it comes [s]."""
        sent = [(i * STEP_S, delay_ms / 1000.0) for i, delay_ms in enumerate(self.delays_ms)]
        came = [(s + d, s) for i, (s, d) in enumerate(sent) if i not in self.lost]
        again = [(s + d + 0.03, s) for i, (s, d) in enumerate(sent) if i in self.doubled]
        return sorted(came + again)


networks = st.builds(
    Network,
    st.lists(st.integers(0, 800), min_size=1, max_size=30),
    st.sets(st.integers(0, 29)),
    st.sets(st.integers(0, 29)),
)


@dataclass
class Played:
    """What a player did with what came through a network: one run of ticks without a pause each."""

    runs: list[Array]
    times_s: list[Array]


def play(network: Network, chunking: Chunking, chunk_of: Callable[[float], ActionChunk]) -> Played:
    """Tick until everything is over; a pause is a hold at the last target."""
    player, arrivals = ChunkPlayer(SO101, chunking=chunking), network.arrivals
    newest_s, end_s, held = -1.0, -1.0, chunk_of(0.0).position_rad[0]
    played, run, times = Played([], []), [], []
    for tick in range(int(100 * (len(network.delays_ms) * STEP_S + 1.7))):
        now_s = tick * TICK_S
        while arrivals and arrivals[0][0] <= now_s:
            stamp_s = arrivals.pop(0)[1]
            if now_s < stamp_s + ROWS * STEP_S - 1e-6 and stamp_s > newest_s:
                moving = (run[-1] - run[-2]) / TICK_S if len(run) > 1 else None
                player.accept(chunk_of(stamp_s), now_s, held, moving)
                newest_s, end_s = stamp_s, stamp_s + ROWS * STEP_S
            else:
                with pytest.raises(CommandError):
                    player.accept(chunk_of(stamp_s), now_s, held)
        target = player.sample(now_s)
        assert (target is None) == (now_s > end_s + 1e-6)
        assert bool(player.shortage(now_s)) == (target is None and newest_s >= 0.0)
        if target is not None:
            held = target
            run.append(target)
            times.append(now_s)
        if run and (target is None or tick % 400 == 399):
            played.runs.append(np.array(run))
            played.times_s.append(np.array(times))
            run, times = [], []
    return played


@pytest.mark.parametrize("chunking", list(Chunking))
@given(network=networks)
@settings(max_examples=60, deadline=None)
def test_delay_jitter_loss_doubles_and_reordering_never_change_when_a_row_is_due(chunking, network):
    """Chunks that agree are one steady motion: never a late row, never a step back."""
    speed = 0.3
    played = play(network, chunking, lambda s: chunk(s, lambda t: SO101.home + speed * (t - 0.8)))
    for run, times in zip(played.runs, played.times_s, strict=True):
        assert np.all(np.diff(run, axis=0) >= -1e-9)
        settled = times > times[0] + 0.5
        expected = SO101.home + speed * (times[settled, None] - 0.8)
        np.testing.assert_allclose(run[settled], expected, atol=1e-6)


@pytest.mark.parametrize("chunking", list(Chunking))
@given(network=networks, seed=st.integers(0, 2**32 - 1), apart_rad=st.floats(0.0, 0.1))
@settings(max_examples=100, deadline=None)
def test_however_chunks_come_and_differ_the_seams_keep_the_limits(chunking, network, seed, apart_rad):
    def chunk_of(stamp_s: float) -> ActionChunk:
        rng = np.random.default_rng([seed, round(stamp_s / STEP_S)])
        off = apart_rad * rng.uniform(-1.0, 1.0, 6)
        return chunk(stamp_s, lambda t: wave(t) + off)

    for run in play(network, chunking, chunk_of).runs:
        if len(run) > 2:
            velocity, acceleration = shares(run)
            assert velocity <= 1.0
            assert acceleration <= 1.0


def test_rejoin_leads_from_a_held_command_back_into_the_plan():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, wave(0.0))
    held = wave(0.1)
    player.rejoin(0.42, held)
    assert player.sample(0.42) == pytest.approx(held)
    moved = np.array([player.sample(0.42 + TICK_S * i) for i in range(38)])
    assert shares(np.vstack([held, moved])) <= (1.0, 1.0)
    assert player.sample(ROWS * STEP_S) == pytest.approx(wave(ROWS * STEP_S), abs=1e-6)


def test_rejoin_of_a_plan_that_has_ended_leaves_none():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    player.rejoin(2.0, SO101.home)
    assert player.sample(2.0) is None


def test_a_plan_that_ended_goes_on_from_the_held_command():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    held = SO101.home + 0.3
    player.accept(chunk(2.0), 2.0, held)
    assert player.sample(2.0) == pytest.approx(held)
    assert player.sample(2.75) == pytest.approx(wave(2.75), abs=NEAR_RAD)


def test_clear_drops_the_plan_and_refuses_what_was_observed_before():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    player.clear(not_before_s=0.5)
    assert player.sample(0.5) is None
    with pytest.raises(CommandError, match=r"observed 0\.050 s before the last stop or reset"):
        player.accept(chunk(0.45), 0.5)
    player.accept(chunk(0.5), 0.5, SO101.home)
    assert player.stamp_s == 0.5


def test_clear_without_a_time_takes_any_chunk_again():
    player = ChunkPlayer(SO101)
    player.accept(chunk(9.0), 9.0, SO101.home)
    player.clear()
    player.accept(chunk(0.0), 0.0, SO101.home)
    assert player.sample(0.1) is not None


def refusals() -> list[tuple[str, ActionChunk, str]]:
    broken = chunk(1.0).position_rad.copy()
    broken[3, 2] = np.nan
    endless = chunk(1.0).position_rad.copy()
    endless[0, 5] = np.inf
    rows = chunk(1.0).position_rad
    return [
        ("nan", chunk(1.0, position_rad=broken), "row 3 of joint elbow_flex is not finite"),
        ("inf", chunk(1.0, position_rad=endless), "row 0 of joint gripper is not finite"),
        ("joints", chunk(1.0, position_rad=rows[:, :5]), r"shape \(16, 5\), expected \(T, 6\)"),
        ("flat", chunk(1.0, position_rad=rows[0]), r"shape \(6,\), expected \(T, 6\)"),
        ("empty", chunk(1.0, position_rad=rows[:0]), "with T >= 1"),
        (
            "names",
            chunk(1.0, joint_names=SO101.joint_names[::-1]),
            "names joints gripper, .* expected shoulder_pan",
        ),
        ("huge", chunk(1.0, position_rad=np.zeros((MAX_ROWS + 1, 6))), "1001 rows, expected at most 1000"),
        ("step", chunk(1.0, step_s=0.5), r"step of 0\.5 s, expected 0\.05 s \(policy_rate_hz 20 of so101\)"),
        ("zero step", chunk(1.0, step_s=0.0), "step above 0"),
        ("nan stamp", replace(chunk(1.0), stamp_s=float("nan")), "expected finite"),
        ("future", chunk(1.2), r"0\.200 s in the future, expected at most 0\.050 s"),
        ("past", chunk(0.1), r"ended 0\.100 s ago: it was observed 0\.900 s ago and reaches 0\.800 s"),
        ("older", chunk(0.85), "not newer than the one in play"),
        ("same", chunk(0.9), "not newer than the one in play"),
    ]


@pytest.mark.parametrize(("refused", "sentence"), [c[1:] for c in refusals()], ids=[c[0] for c in refusals()])
def test_a_bad_chunk_is_refused_whole_and_the_plan_goes_on(refused: ActionChunk, sentence: str):
    player = ChunkPlayer(SO101)
    player.accept(
        chunk(0.0 if "ended" in sentence else 0.9), 0.9 if "ended" not in sentence else 0.0, SO101.home
    )
    before = player.committed(0.3, 4), player.stamp_s
    with pytest.raises(CommandError, match=sentence):
        player.accept(refused, 1.0)
    assert np.array_equal(player.committed(0.3, 4), before[0])
    assert player.stamp_s == before[1]


@pytest.mark.parametrize("blend_s", [-0.1, float("nan"), float("inf")])
def test_a_blend_time_that_makes_no_sense_is_refused(blend_s: float):
    with pytest.raises(CommandError, match=r"blend_s is .*, expected 0 or more"):
        ChunkPlayer(SO101, blend_s)


def test_targets_and_chunks_are_never_shared():
    player = ChunkPlayer(SO101)
    plan = chunk(0.0)
    player.accept(plan, 0.0, SO101.home)
    at_row = player.sample(plan.times_s[-1])
    expected = at_row.copy()
    at_row[:] = 9.0
    plan.position_rad[:] = 9.0
    assert np.array_equal(player.sample(plan.times_s[-1]), expected)


def test_only_the_last_second_is_remembered():
    player = ChunkPlayer(SO101)
    for i in range(200):
        player.accept(chunk(i * STEP_S), i * STEP_S, wave(0.0))
    oldest = player.committed(0.0, 1)[0]
    assert oldest == pytest.approx(wave(199 * STEP_S - HISTORY_S), abs=1e-3)
