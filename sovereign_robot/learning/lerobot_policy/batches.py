"""LeRobot's batches as ours: its pictures, and by the number of each frame all else as `train` makes it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sovereign_robot.contract.errors import DatasetError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.frames import load_numbers
from sovereign_robot.datasets.layout import image_feature
from sovereign_robot.learning.code_slots import Halves
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.objective import Batch
from sovereign_robot.learning.pictures import draw_changes, gather, shifted_points
from sovereign_robot.learning.samples import UNKNOWN_COMMAND, Index, Samples
from sovereign_robot.learning.student_config import StudentConfig
from sovereign_robot.learning.vision import centred

INDEX = "index"  # LeRobot's number of a frame in its dataset


class LeRobotBatches:
    """The numbers of a dataset, without its pictures."""

    def __init__(self, root: Path, contract: RobotContract, config: StudentConfig, augment: float) -> None:
        """Read the dataset's tables.

        Raises:
            DatasetError, ContractMismatch: see `open_dataset`.
        """
        frames = load_numbers(root, contract)
        self.samples = Samples(frames, contract, config.horizon, config.max_committed)
        self._config, self._augment = config, augment
        self._vectors: NDArray[np.float32] | None = None
        self._halves = Halves(GoalCode())
        self._cameras = [contract.camera_names.index(name) for name in config.cameras]

    def batch(self, given: Mapping[str, Tensor], rng: np.random.Generator, dtype: torch.dtype) -> Batch:
        """Samples at those of the frames from which a chunk can be learnt."""
        if INDEX not in given:
            raise DatasetError(
                f"the batch lacks {INDEX}, expected a batch of lerobot-train: train from a dataset folder"
            )
        index = given[INDEX].cpu().numpy().astype(np.int64)
        rows = np.flatnonzero(np.isin(index, self.samples.starts))
        rows = rows if len(rows) else np.arange(1)  # of frames that teach nothing, one whose weights are 0
        index, size, c = index[rows], len(rows), self._config
        numbers = self.samples.numbers(index, rng.integers(UNKNOWN_COMMAND, c.max_committed + 1, size))
        changes = draw_changes(rng, size, len(c.cameras), c.height_px, c.width_px, self._augment)
        pictures = [pixels_of(given[image_feature(name)])[rows] for name in c.cameras]
        pixels = gather([pictures], np.zeros(size, dtype=np.int64), np.arange(size), changes)
        tensors = {name: _tensor(values) for name, values in vars(numbers).items()}
        attention = numbers.attention[:, self._cameras]
        tensors["attention"] = _tensor(shifted_points(attention, changes, c.height_px, c.width_px))
        return Batch(
            images=centred(torch.from_numpy(pixels), dtype),
            text=self._text(index, rng.random(size)),
            noise=_tensor(rng.standard_normal((size, c.horizon, c.joints))),
            time=_tensor(rng.random((size, 1))),
            **tensors,
        )

    def _text(self, index: Index, draws: NDArray[np.float64]) -> Tensor | None:
        if self._vectors is None:
            return None
        codes = self._vectors[self.samples.frames.instruction_index[index]]
        return torch.from_numpy(self._halves.in_part(codes, draws))

    def sentences(self) -> tuple[str, ...]:
        """Of the dataset."""
        return self.samples.frames.instructions

    def set_vectors(self, vectors: NDArray[np.float32]) -> None:
        """Take (S, text_width) for the sentences, where the text encoder does not learn."""
        self._vectors = vectors


def pixels_of(pictures: Tensor) -> NDArray[np.uint8]:
    """LeRobot's pictures (B, 3, H, W) in 0 .. 1 as (B, H, W, 3) uint8."""
    bytes_ = (pictures * 255.0).round().clamp(0.0, 255.0).to(torch.uint8)
    return bytes_.movedim(1, -1).contiguous().cpu().numpy()


def _tensor(values: NDArray[np.generic]) -> Tensor:
    kind = np.int64 if values.dtype == np.int64 else np.float32
    return torch.from_numpy(np.ascontiguousarray(values, dtype=kind))
