"""Frames of demonstrations and labels to training samples: which rows a chunk holds, what was promised.

Shape letters: N frames, B batch, C cameras, T chunk rows, D committed rows, J joints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.datasets.frames import Frames
from sovereign_robot.policy.text import token_ids

Index = NDArray[np.int64]
UNKNOWN_COMMAND = -1
GRIPPER_SHUT = 0.17  # opening below which the jaws are on their way shut, 0 .. 1 of the gripper's range


@dataclass(frozen=True)
class Numbers:
    """Everything of B samples but their pictures; see `Student.think`.

    Attributes:
        tokens: (B, L) character ids of the sentence.
        target_rad: (B, T, J) chunk to be learnt.
        weight: (B, T) rows that are learnt.
        keyframe_rad: (B, J) pose at the next turn of the gripper.
        keyframe_known: (B,) whether it is known.
        attention: (B, C, 2, 2) see `Episode`.
    """

    joints_rad: Array
    tokens: Index
    anchor_rad: Array
    committed_rad: Array
    mask: NDArray[np.bool_]
    target_rad: Array
    weight: NDArray[np.bool_]
    keyframe_rad: Array
    keyframe_known: NDArray[np.bool_]
    attention: Array


class Samples:
    """Samples of one dataset; each is a function of (frame, delay) alone.

    Attributes:
        frames: the dataset.
        learn_labels: whether the teacher's labels are learnt instead of what was done.
    """

    def __init__(self, frames: Frames, contract: RobotContract, horizon: int, max_committed: int) -> None:
        self.frames = frames
        self.learn_labels = frames.labels is not None
        self._contract = contract
        self._rows, self._max_committed = np.arange(horizon), max_committed
        self._action = np.asarray(frames.action_rad)
        self._joints = np.asarray(frames.joint_position_rad)
        self._expert = np.asarray(frames.expert)
        self._attention = np.asarray(frames.attention)
        episode = np.asarray(frames.episode_index)
        self._first = np.searchsorted(episode, episode, side="left")
        self._last = np.searchsorted(episode, episode, side="right") - 1
        self._tokens = np.concatenate([token_ids(text) for text in frames.instructions])
        self._keyframe = self._next_gripper_turn()

    @cached_property
    def starts(self) -> Index:
        """(M,) frames from which a chunk can be learnt."""
        return np.flatnonzero(self._expert)

    def joint_statistics(self) -> tuple[Array, Array]:
        """Mean and floored standard deviation (J,) of measured positions [rad]."""
        return self._joints.mean(axis=0), np.maximum(self._joints.std(axis=0), 0.05)

    def numbers(self, index: Index, delay: Index) -> Numbers:
        """Samples that begin at frames `index` (B,) with `delay` (B,) rows already promised.

        A delay of UNKNOWN_COMMAND promises nothing and hides the command in force, as when a policy starts.
        Labels were given for one delay, so theirs replaces the one that is asked for.
        """
        target, weight, delay = self._labelled(index) if self.learn_labels else self._shown(index, delay)
        anchor = self._before(index)
        promised = np.take_along_axis(target, np.maximum(delay - 1, 0)[:, None, None], axis=1)[:, 0]
        anchor = np.where((delay > 0)[:, None], promised, anchor)
        anchor = np.where((delay == UNKNOWN_COMMAND)[:, None], self._joints[index], anchor)
        return Numbers(
            joints_rad=self._joints[index],
            tokens=self._tokens[self.frames.instruction_index[index]],
            anchor_rad=anchor,
            committed_rad=target[:, : self._max_committed],
            mask=np.arange(self._max_committed) < delay[:, None],
            target_rad=target,
            weight=weight,
            keyframe_rad=self._action[self._keyframe[index]],
            keyframe_known=np.full(len(index), not self.learn_labels),
            attention=self._attention[index],
        )

    def _shown(self, index: Index, delay: Index) -> tuple[Array, NDArray[np.bool_], Index]:
        """What was done from the frames on; learnt after the promised rows, until somebody else acts."""
        rows = np.minimum(index[:, None] + self._rows, self._last[index][:, None])
        free = self._rows >= delay[:, None]
        weight = free & np.logical_and.accumulate(self._expert[rows] | ~free, axis=1)
        return self._action[rows], weight, delay

    def _labelled(self, index: Index) -> tuple[Array, NDArray[np.bool_], Index]:
        """What the teacher would have done; it counts from the first free row until it would look again."""
        labels = self.frames.labels
        if labels is None:
            raise ValueError("the dataset holds no labels")
        begin, end = np.asarray(labels.span[index]).T
        weight = (self._rows >= begin[:, None]) & (self._rows < end[:, None])
        # The first decision of an episode knows no command, as when a policy starts.
        delay = np.where(index == self._first[index], UNKNOWN_COMMAND, begin)
        rows = np.minimum(self._rows, labels.rows_rad.shape[1] - 1)
        return np.asarray(labels.rows_rad[index][:, rows]), weight, delay

    def _before(self, index: Index) -> Array:
        """(B, J) command in force; the measured joints where none is known."""
        known = index > self._first[index]
        return np.where(known[:, None], self._action[np.maximum(index - 1, 0)], self._joints[index])

    def _next_gripper_turn(self) -> Index:
        """(N,) the frame at which the gripper next begins to shut or open, else the episode's last."""
        shut_rad = self._contract.gripper.closed_rad
        opening = (self._action[:, self._contract.gripper_index] - shut_rad) / (
            self._contract.gripper.open_rad - shut_rad
        )
        shut = opening < GRIPPER_SHUT
        turns = np.flatnonzero(np.diff(shut.astype(np.int8), prepend=shut[:1].astype(np.int8)) != 0)
        following = np.searchsorted(turns, np.arange(len(shut)), side="right")
        turn = np.append(turns, len(shut))[following]
        return np.minimum(turn, self._last)


@dataclass(frozen=True)
class Draw:
    """B samples as they were drawn, the same in every process.

    Attributes:
        source: (B,) number of the dataset.
        index: (B,) frame.
        delay: (B,) promised rows.
    """

    source: Index
    index: Index
    delay: Index

    def share(self, rank: int, processes: int) -> "Draw":
        """The part of one process."""
        return Draw(*(part[rank::processes] for part in (self.source, self.index, self.delay)))


def draw(samples: Sequence[Samples], size: int, max_committed: int, rng: np.random.Generator) -> Draw:
    """Samples drawn evenly over the time that all datasets hold, whatever their rates."""
    seconds = np.array([len(s.starts) / s.frames.rate_hz for s in samples])
    source = rng.choice(len(samples), size, p=seconds / seconds.sum())
    within = rng.random(size)
    chosen = [samples[s].starts for s in source]
    index = np.array([starts[int(w * len(starts))] for starts, w in zip(chosen, within, strict=True)])
    return Draw(source, index, rng.integers(UNKNOWN_COMMAND, max_committed + 1, size))
