"""What a player makes of chunks that come late, out of order, twice or never, and of what is in them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.types import ActionChunk, Array
from sovereign_robot.control.chunk_player import ChunkPlayer
from sovereign_robot.control.chunking import Chunking
from tests.control.chunks import ROWS, SO101, STEP_S, TICK_S, chunk, shares, wave


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
    held = np.clip(held, SO101.lower_rad, SO101.upper_rad)
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


@given(network=networks, seed=st.integers(0, 2**32 - 1), apart_rad=st.floats(0.0, 50.0))
@settings(max_examples=100, deadline=None)
def test_whatever_rows_ask_for_what_is_played_keeps_range_velocity_and_acceleration(network, seed, apart_rad):
    """Rows without any order, far outside the joint ranges too."""

    def chunk_of(stamp_s: float) -> ActionChunk:
        rng = np.random.default_rng([seed, round(stamp_s / STEP_S)])
        return chunk(stamp_s, lambda _: SO101.home + apart_rad * rng.uniform(-1.0, 1.0, 6))

    for run in play(network, Chunking.SWITCH, chunk_of).runs:
        assert (run >= SO101.lower_rad - 1e-9).all()
        assert (run <= SO101.upper_rad + 1e-9).all()
        if len(run) > 2:
            velocity, acceleration = shares(run)
            assert velocity <= 1.0
            assert acceleration <= 1.0


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
