"""What is probably wrong with demonstrations, found in seconds, before hours are spent on learning from them.

    for finding in findings(load_frames(root, contract), contract, str(root)): ...

Each finding is one sentence: where, what was found, what was expected, what to do. Numbers that are not
finite are an error; everything else is a warning, since data of another kind may have good reasons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.errors import DatasetError, InstructionError
from sovereign_robot.contract.instruction import check_instruction
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.datasets.camera_checks import camera_faults
from sovereign_robot.datasets.frames import Frames
from sovereign_robot.datasets.layout import ACTION, STAMP, STATE

HORIZON = 16  # rows of the student's action chunk
STILL_SPAN_RAD = 0.02  # a joint whose values all lie within so little is as good as constant
IDLE_S, IDLE_COMMAND_RAD, IDLE_STATE_RAD, IDLE_SHARE = 0.25, 0.005, 0.015, 0.3
EARLIEST_S, LATEST_S, TRIED_S = 0.0, 0.3, (-0.5, 1.0)  # of the arm after its command
LAG_FRAMES, FOLLOWS = 50_000, 0.2
OUTSIDE_RAD = {ACTION: 0.002, STATE: 0.1}  # an arm sags and its encoders are noisy
LISTED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence; an error when nothing can be learnt from such data."""

    sentence: str
    is_error: bool = False


def findings(
    frames: Frames, contract: RobotContract, name: str = "dataset", horizon: int = HORIZON
) -> list[Finding]:
    """Everything that looks wrong, errors first.

    Args:
        frames: all frames; pictures are only sampled.
        contract: robot that the data was recorded with.
        name: how the sentences call the dataset.
        horizon: rows of the action chunks that are to be learnt.
    """
    data = _Data(frames, contract, f"dataset {name}")
    errors = [Finding(sentence, is_error=True) for sentence in _not_finite(data)]
    warnings = [*_empty_sentences(data), *_short_episodes(data, horizon), *_duplicates(data)]
    for fault in camera_faults(frames, data.episodes):
        warnings.append(f"{data.title}, {_listed(fault.episodes)}: {fault.what}")
    if not errors:
        for check in (_degrees, _constant, _outside, _idle, _lag):
            warnings += check(data)
    return errors + [Finding(sentence) for sentence in warnings]


def refuse_errors(found: Sequence[Finding]) -> None:
    """Do not go on with data that nothing can be learnt from.

    Raises:
        DatasetError: the first error's sentence.
    """
    for finding in found:
        if finding.is_error:
            raise DatasetError(finding.sentence)


@dataclass(frozen=True)
class _Data:
    """A dataset under examination."""

    frames: Frames
    contract: RobotContract
    title: str

    @cached_property
    def columns(self) -> dict[str, Array]:
        """State and action (N, J), by the column's name."""
        frames = self.frames
        return {STATE: np.asarray(frames.joint_position_rad), ACTION: np.asarray(frames.action_rad)}

    @cached_property
    def episodes(self) -> list[tuple[int, int, int]]:
        """Index of each episode, its first frame, and the one after its last."""
        index = np.asarray(self.frames.episode_index)
        begins = np.flatnonzero(np.diff(index, prepend=-1))
        ends = [*begins[1:], len(index)]
        return [(int(index[b]), int(b), int(e)) for b, e in zip(begins, ends, strict=True)]

    @cached_property
    def in_degrees(self) -> list[str]:
        """Columns whose values are too large for radians."""
        return [name for name, values in self.columns.items() if np.abs(values).max() > 2 * np.pi]

    def same_episode(self, apart: int) -> NDArray[np.bool_]:
        """(N - apart,) whether a frame and the one `apart` frames later are of one episode."""
        index = np.asarray(self.frames.episode_index)
        same: NDArray[np.bool_] = index[: len(index) - apart] == index[apart:]
        return same


def _not_finite(data: _Data) -> Iterator[str]:
    columns = {**data.columns, STAMP: np.asarray(data.frames.stamp_s)[:, None]}
    for column, values in columns.items():
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            row, entry = bad[0]
            joint = "" if column == STAMP else f" of joint {data.contract.joint_names[entry]}"
            episode, frame = data.frames.episode_index[row], data.frames.frame_index[row]
            yield (
                f"{data.title}, episode {episode}, frame {frame}: {column}{joint} is "
                f"{values[row, entry]} ({len(bad)} such values in all), expected finite numbers: "
                "record it again, or leave the episode out"
            )


def _empty_sentences(data: _Data) -> Iterator[str]:
    used = np.asarray(data.frames.instruction_index)
    for i, text in enumerate(data.frames.instructions):
        try:
            check_instruction(text)
        except InstructionError as error:
            rows = np.flatnonzero(used == i)
            if len(rows):
                episodes = np.unique(np.asarray(data.frames.episode_index)[rows]).tolist()
                yield f"{data.title}, {_listed(episodes)}: {error}"


def _short_episodes(data: _Data, horizon: int) -> Iterator[str]:
    chunk_s = horizon * data.contract.policy_step_s
    lasts_s = {index: (end - begin) / data.frames.rate_hz for index, begin, end in data.episodes}
    short = [index for index, s in lasts_s.items() if s < chunk_s - 1e-9]
    if short:
        yield (
            f"{data.title}, {_listed(short)}: as short as {min(lasts_s.values()):.2f} s, expected at least "
            f"the {chunk_s:.2f} s of an action chunk of {horizon} rows: record longer, or leave them out"
        )


def _duplicates(data: _Data) -> Iterator[str]:
    first: dict[bytes, int] = {}
    copies: list[tuple[int, int]] = []
    for index, begin, end in data.episodes:
        content = b"".join(values[begin:end].tobytes() for values in data.columns.values())
        original = first.setdefault(content, index)
        if original != index:
            copies.append((original, index))
    if copies:
        original, copy = copies[0]
        yield (
            f"{data.title}: episode {copy} holds the same joints and actions as episode {original} "
            f"({len(copies)} copies in all), expected every episode once: leave the copies out"
        )


def _degrees(data: _Data) -> Iterator[str]:
    for column in data.in_degrees:
        values = np.abs(data.columns[column])
        joint = data.contract.joint_names[int(values.max(axis=0).argmax())]
        yield (
            f"{data.title}: {column} of joint {joint} reaches {values.max():.1f}, expected radians "
            "within 6.28: it looks like degrees, convert it"
        )


def _constant(data: _Data) -> Iterator[str]:
    for column, values in data.columns.items():
        low, high = np.percentile(values, [0.5, 99.5], axis=0)
        for joint, span in zip(data.contract.joint_names, high - low, strict=True):
            if span < STILL_SPAN_RAD:
                yield (
                    f"{data.title}: {column} of joint {joint} stays within {span:.4f} rad, expected it "
                    f"to move by more than {STILL_SPAN_RAD}: look whether it was connected and recorded"
                )


def _outside(data: _Data) -> Iterator[str]:
    lower, upper = data.contract.lower_rad, data.contract.upper_rad
    for column, values in data.columns.items():
        if column in data.in_degrees:
            continue
        beyond = np.maximum(lower - values, values - upper)
        row, joint = np.unravel_index(int(beyond.argmax()), beyond.shape)
        if beyond[row, joint] > OUTSIDE_RAD[column]:
            share = np.mean((beyond > OUTSIDE_RAD[column]).any(axis=1))
            yield (
                f"{data.title}, episode {data.frames.episode_index[row]}: {column} of joint "
                f"{data.contract.joint_names[joint]} is {values[row, joint]:.3f} rad ({share:.1%} of all "
                f"frames are out of range), expected {lower[joint]:.3f} .. {upper[joint]:.3f}: "
                "correct the robot's limits or its calibration"
            )


def _idle(data: _Data) -> Iterator[str]:
    apart = max(1, round(IDLE_S * data.frames.rate_hz))
    same = data.same_episode(apart)
    if not same.any():
        return
    moved = {c: np.abs(v[apart:] - v[:-apart]).max(axis=1) for c, v in data.columns.items()}
    idle = (moved[ACTION] < IDLE_COMMAND_RAD) & (moved[STATE] < IDLE_STATE_RAD)
    share = float(idle[same].mean())
    if share > IDLE_SHARE:
        yield (
            f"{data.title}: neither the command nor the arm moves in {share:.0%} of the frames, expected "
            f"at most {IDLE_SHARE:.0%}: a policy would learn to stay, cut the pauses out"
        )


def _lag(data: _Data) -> Iterator[str]:
    first, last = (round(s * data.frames.rate_hz) for s in TRIED_S)
    scores = {lag: _likeness(data, lag) for lag in range(first, last + 1)}
    lag = max(scores, key=lambda k: scores[k])
    late_s = lag / data.frames.rate_hz
    if scores[lag] < FOLLOWS:
        yield (
            f"{data.title}: {STATE} follows {ACTION} with a correlation of {scores[lag]:.2f} at best, "
            f"expected at least {FOLLOWS}: look whether both are of the same arm and in the same order"
        )
    elif not EARLIEST_S <= late_s <= LATEST_S + 1e-9:
        why = "actions were recorded late" if lag < 0 else "the arm, or its recording, is slow"
        yield (
            f"{data.title}: {STATE} follows {ACTION} after {late_s:.2f} s ({lag} frames), expected "
            f"{EARLIEST_S:g} .. {LATEST_S} s: {why}, shift one against the other"
        )


def _likeness(data: _Data, lag: int) -> float:
    """Correlation of the command's steps with the arm's steps `lag` frames later; 0 where nothing moves."""
    action, state = (values[:LAG_FRAMES] for values in (data.columns[ACTION], data.columns[STATE]))
    before, after = (action, state) if lag >= 0 else (state, action)
    apart = abs(lag) + 1
    if len(action) <= apart:
        return 0.0
    last = len(action) - apart
    one, other = np.diff(before, axis=0)[:last], np.diff(after, axis=0)[abs(lag) :][:last]
    same = data.same_episode(apart)[:last, None]
    spread = np.sqrt(np.sum(same * one**2) * np.sum(same * other**2))
    return float(np.sum(same * one * other) / spread) if spread > 0.0 else 0.0


def _listed(episodes: Sequence[int]) -> str:
    """The first of some episodes, and how many more there are."""
    shown = ", ".join(map(str, episodes[:LISTED]))
    more = f" and {len(episodes) - LISTED} more" if len(episodes) > LISTED else ""
    return f"episode{'s' if len(episodes) > 1 else ''} {shown}{more}"
