from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.chunk_player import HISTORY_S, MAX_ROWS, ChunkPlayer

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


def line_through_rows(time_s: float) -> Array:
    """What a perfect policy's plan says between its rows: a straight line from row to row."""
    i = np.floor(time_s / STEP_S + 1e-9)
    weight = time_s / STEP_S - i
    return wave(i * STEP_S) * (1.0 - weight) + wave((i + 1) * STEP_S) * weight


def test_without_a_plan_there_is_no_target_and_nothing_is_committed():
    player = ChunkPlayer(SO101)
    assert player.sample(0.0) is None
    assert player.committed(0.0, 4).shape == (0, 6)


def test_each_row_is_due_at_its_stamp():
    player = ChunkPlayer(SO101, blend_s=0.0)
    plan = chunk(1.0)
    player.accept(plan, 1.0, SO101.home)
    for time_s, row in zip(plan.times_s, plan.position_rad, strict=True):
        assert player.sample(time_s) == pytest.approx(row, abs=1e-12)


def test_between_rows_the_target_moves_in_a_straight_line():
    player = ChunkPlayer(SO101, blend_s=0.0)
    plan = chunk(0.0)
    player.accept(plan, 0.0, SO101.home)
    middle = player.sample(2.5 * STEP_S)
    assert middle == pytest.approx(0.5 * (plan.position_rad[1] + plan.position_rad[2]))


def test_the_target_begins_at_the_command_in_force():
    player = ChunkPlayer(SO101)
    command = SO101.home + 0.1
    player.accept(chunk(0.0), 0.02, command)
    assert np.array_equal(player.sample(0.02), command)
    halfway = player.sample(0.035)
    first = player.sample(0.05)
    assert halfway == pytest.approx(0.5 * (command + first))


def test_after_the_last_row_the_player_is_starved():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, SO101.home)
    assert player.sample(ROWS * STEP_S) is not None
    assert player.sample(ROWS * STEP_S + 0.001) is None


def test_rows_that_latency_made_old_are_never_played():
    plan = chunk(0.0)
    late_s = 0.31
    player = ChunkPlayer(SO101, blend_s=0.0)
    player.accept(plan, late_s, plan.position_rad[6])
    assert player.sample(7 * STEP_S) == pytest.approx(plan.position_rad[6])
    assert np.array_equal(player.sample(late_s), plan.position_rad[6])
    assert player.sample(8 * STEP_S) == pytest.approx(plan.position_rad[7])


def test_a_new_plan_takes_over_within_the_blend_time_and_without_a_step():
    player = ChunkPlayer(SO101, blend_s=0.1)
    player.accept(chunk(0.0, lambda _: SO101.home), 0.0, SO101.home)
    player.accept(chunk(0.2, lambda _: SO101.home + 0.1), 0.2)
    offsets = [player.sample(0.2 + 0.01 * i)[0] - SO101.home[0] for i in range(15)]
    assert offsets[:11] == pytest.approx([0.01 * i for i in range(11)])
    assert offsets[11:] == pytest.approx([0.1] * 4)


def test_three_plans_within_one_blend_stay_continuous():
    player = ChunkPlayer(SO101, blend_s=0.2)
    command, largest = SO101.home, 0.0
    for i in range(100):
        now_s = i * TICK_S
        if i % 5 == 0:
            level = SO101.home + 0.1 * (-1) ** (i // 5)
            player.accept(chunk(now_s, lambda _, level=level: level), now_s, command)
        target = player.sample(now_s)
        largest = max(largest, np.abs(target - command).max())
        command = target
    assert largest <= 0.2 * TICK_S / 0.05  # never more than a straight line to the next row


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


@pytest.mark.parametrize("blend_s", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("delay_ticks", [0, 1, 3, 5, 12, 20])
def test_a_perfect_policy_leaves_no_seam(blend_s: float, delay_ticks: int):
    """New chunks repeat the committed rows and go on with the motion: the target is the plan, exactly."""
    player = ChunkPlayer(SO101, blend_s)
    player.accept(chunk(0.0), 0.0, wave(0.0))
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
        assert player.sample(now_s) == pytest.approx(line_through_rows(now_s), abs=1e-12)


@given(
    delays_ms=st.lists(st.integers(0, 800), min_size=1, max_size=40),
    lost=st.sets(st.integers(0, 39)),
    doubled=st.sets(st.integers(0, 39)),
)
@settings(max_examples=150, deadline=None)
def test_delay_jitter_loss_doubles_and_reordering_never_change_when_a_row_is_due(delays_ms, lost, doubled):
    arrivals = []
    for i, delay_ms in enumerate(delays_ms):
        stamp_s = i * STEP_S
        if i not in lost:
            arrivals.append((stamp_s + delay_ms / 1000.0, stamp_s))
        if i in doubled:
            arrivals.append((stamp_s + delay_ms / 1000.0 + 0.03, stamp_s))
    arrivals.sort()
    player, newest_s, end_s = ChunkPlayer(SO101), None, -1.0
    for tick in range(int(100 * (len(delays_ms) * STEP_S + 1.7))):
        now_s = tick * TICK_S
        while arrivals and arrivals[0][0] <= now_s:
            stamp_s = arrivals.pop(0)[1]
            usable = now_s < stamp_s + ROWS * STEP_S - 1e-6 and (newest_s is None or stamp_s > newest_s)
            command = line_through_rows(now_s)
            if usable:
                player.accept(chunk(stamp_s), now_s, command)
                newest_s, end_s = stamp_s, stamp_s + ROWS * STEP_S
            else:
                with pytest.raises(CommandError):
                    player.accept(chunk(stamp_s), now_s, command)
        target = player.sample(now_s)
        if now_s > end_s + 1e-5:
            assert target is None
        elif now_s < end_s - 1e-5:
            assert target == pytest.approx(line_through_rows(now_s), abs=1e-9)


@given(
    levels=st.lists(st.floats(-1.0, 1.0), min_size=2, max_size=12),
    gaps_ms=st.lists(st.integers(0, 300), min_size=12, max_size=12),
    delay_ms=st.integers(0, 700),
    blend_s=st.floats(0.0, 0.4),
)
@settings(max_examples=150, deadline=None)
def test_the_target_never_leaves_the_span_of_the_plans(levels, gaps_ms, delay_ms, blend_s):
    player, stamp_s = ChunkPlayer(SO101, blend_s), 0.0
    command = np.full(6, levels[0])
    for level, gap_ms in zip(levels, gaps_ms, strict=False):
        stamp_s += (gap_ms + 1) / 1000.0
        now_s = stamp_s + delay_ms / 1000.0
        player.accept(chunk(stamp_s, lambda _, level=level: np.full(6, level)), now_s, command)
        for time_s in np.linspace(now_s, stamp_s + ROWS * STEP_S, 20):
            target = player.sample(time_s)
            assert target.min() >= min(levels) - 1e-12
            assert target.max() <= max(levels) + 1e-12
        command = player.sample(now_s)


def test_rejoin_leads_from_a_held_command_back_into_the_plan():
    player = ChunkPlayer(SO101)
    player.accept(chunk(0.0), 0.0, wave(0.0))
    held = wave(0.1)
    player.rejoin(0.42, held)
    assert np.array_equal(player.sample(0.42), held)
    assert player.sample(0.45) == pytest.approx(wave(0.45))
    assert player.sample(ROWS * STEP_S) == pytest.approx(wave(ROWS * STEP_S))


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
    assert np.array_equal(player.sample(2.0), held)
    assert player.sample(2.05) == pytest.approx(wave(2.05))


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
    player = ChunkPlayer(SO101, blend_s=0.0)
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
    assert oldest == pytest.approx(wave(199 * STEP_S - HISTORY_S))
