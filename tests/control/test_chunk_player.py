import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.control.chunk_player import HISTORY_S, ChunkPlayer
from sovereign_robot.control.chunking import Chunking
from tests.control.chunks import ROWS, SO101, STEP_S, TICK_S, chunk, shares, wave

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


def test_a_new_plan_takes_over_half_within_the_blend_time_and_without_a_step():
    player = ChunkPlayer(SO101, blend_s=0.1)
    player.accept(chunk(0.0, lambda _: SO101.home), 0.0, SO101.home)
    player.accept(chunk(0.2, lambda _: SO101.home + 0.01), 0.2)
    offsets = [player.sample(0.2 + 0.01 * i)[0] - SO101.home[0] for i in range(30)]
    assert offsets[0] == pytest.approx(0.0)
    assert offsets[10] > 0.005
    assert offsets[25:] == pytest.approx([0.01] * 5, abs=3e-4)
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
        # Promised rows are rows again, passed at a sixth of their second difference each time.
        assert player.sample(now_s) == pytest.approx(wave(now_s), abs=2.2 * NEAR_RAD)


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
