"""Frames of demonstrations to training batches: which rows a chunk holds, what was promised, what is learnt.

Shape letters: N frames, B batch, T chunk rows, D committed rows, J joints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Array
from sovereign_robot.datasets.frames import Frames
from sovereign_robot.policy.text import token_ids

Index = NDArray[np.int64]
UNKNOWN_COMMAND = -1
GRIPPER_SHUT = 0.17  # opening below which the jaws are on their way shut, 0 .. 1 of the gripper's range


@dataclass(frozen=True)
class Batch:
    """Tensors of B samples; see `Student.forward` for the inputs."""

    images: Tensor
    joints_rad: Tensor
    tokens: Tensor
    anchor_rad: Tensor
    committed_rad: Tensor
    mask: Tensor
    target_rad: Tensor
    weight: Tensor
    keyframe_rad: Tensor


class Samples:
    """Batches from one dataset; every sample is a function of (frame, delay) alone."""

    def __init__(self, frames: Frames, contract: RobotContract, horizon: int, max_committed: int) -> None:
        self._frames = frames
        self._contract = contract
        self._rows, self._max_committed = np.arange(horizon), max_committed
        self._action = np.asarray(frames.action_rad)
        self._joints = np.asarray(frames.joint_position_rad)
        self._expert = np.asarray(frames.expert)
        episode = np.asarray(frames.episode_index)
        self._first = np.searchsorted(episode, episode, side="left")
        self._last = np.searchsorted(episode, episode, side="right") - 1
        self._tokens = np.concatenate([token_ids(text) for text in frames.instructions])
        self._keyframe = self._next_gripper_turn()

    @cached_property
    def starts(self) -> Index:
        """(M,) frames from which the expert acts."""
        return np.flatnonzero(self._expert)

    def step_deviation(self, count: int = 20_000) -> Array:
        """(T, J) standard deviation of chunk rows about their anchor [rad], floored."""
        index = self.starts[:: max(1, len(self.starts) // count)]
        rows = self._action[self._row_index(index)] - self._anchor(index, np.zeros_like(index))[:, None]
        return np.maximum(rows.std(axis=0), 0.01)

    def joint_statistics(self) -> tuple[Array, Array]:
        """Mean and floored standard deviation (J,) of measured positions [rad]."""
        return self._joints.mean(axis=0), np.maximum(self._joints.std(axis=0), 0.05)

    def batch(self, index: Index, delay: Index) -> Batch:
        """Samples that begin at frames `index` (B,) with `delay` (B,) rows already promised.

        A delay of UNKNOWN_COMMAND promises nothing and hides the command in force, as when a policy starts.
        """
        rows = self._row_index(index)
        weight = self._weight(rows, delay)
        committed = rows[:, : self._max_committed]
        mask = np.arange(self._max_committed) < delay[:, None]
        cameras = [self._frames.images[name][index] for name in self._contract.camera_names]
        pixels = torch.from_numpy(np.stack(cameras, axis=1)).permute(0, 1, 4, 2, 3)
        return Batch(
            images=pixels.float().div_(255.0),
            joints_rad=_tensor(self._joints[index]),
            tokens=torch.from_numpy(self._tokens[self._frames.instruction_index[index]]),
            anchor_rad=_tensor(self._anchor(index, delay)),
            committed_rad=_tensor(self._action[committed]),
            mask=_tensor(mask),
            target_rad=_tensor(self._action[rows]),
            weight=_tensor(weight),
            keyframe_rad=_tensor(self._action[self._keyframe[index]]),
        )

    def _row_index(self, index: Index) -> Index:
        """(B, T) frames of the chunk's rows; after the end of an episode its last command stays."""
        return np.minimum(index[:, None] + self._rows, self._last[index][:, None])

    def _weight(self, rows: Index, delay: Index) -> NDArray[np.bool_]:
        """(B, T) rows that are learnt: after the promised ones, until somebody else than the expert acts."""
        free = self._rows >= delay[:, None]
        return free & np.logical_and.accumulate(self._expert[rows] | ~free, axis=1)

    def _anchor(self, index: Index, delay: Index) -> Array:
        """(B, J) last command before the free rows; the measured joints where no command is known."""
        before = index + delay - 1
        inside = (before >= self._first[index]) & (delay != UNKNOWN_COMMAND)
        command = self._action[np.clip(before, 0, self._last[index])]
        return np.where(inside[:, None], command, self._joints[index])

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


def draw(samples: Sequence[Samples], size: int, max_committed: int, rng: np.random.Generator) -> list[Batch]:
    """Random batches of `size` samples in all, spread over datasets by their number of samples."""
    weights = np.array([len(s.starts) for s in samples], dtype=np.float64)
    counts = rng.multinomial(size, weights / weights.sum())
    batches = []
    for part, count in zip(samples, counts, strict=True):
        if count:
            index = np.sort(rng.choice(part.starts, count))
            batches.append(part.batch(index, rng.integers(UNKNOWN_COMMAND, max_committed + 1, count)))
    return batches


def join(batches: Sequence[Batch]) -> Batch:
    """One batch of several."""
    names = Batch.__dataclass_fields__
    return Batch(**{name: torch.cat([getattr(b, name) for b in batches]) for name in names})


def augment(images: Tensor, rng: np.random.Generator) -> Tensor:
    """Change light, contrast and tint of (B, C, 3, H, W) pictures by sample and camera; geometry stays."""
    shape = (*images.shape[:2], 3, 1, 1)
    gain = torch.from_numpy(
        rng.uniform(0.85, 1.15, (*shape[:2], 1, 1, 1)) * rng.uniform(0.95, 1.05, shape)
    ).float()
    shift = torch.from_numpy(rng.uniform(-0.06, 0.06, (*shape[:2], 1, 1, 1))).float()
    return images.mul_(gain).add_(shift).clamp_(0.0, 1.0)


def _tensor(values: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
