"""Batches for training: every process draws the same samples and takes its share, so a batch is one batch."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.datasets.frames import Frames
from sovereign_robot.learning.code_slots import Halves
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.objective import Batch
from sovereign_robot.learning.pictures import draw_changes, gather, shifted_points
from sovereign_robot.learning.samples import Numbers, Samples, draw
from sovereign_robot.learning.student_config import StudentConfig
from sovereign_robot.learning.vision import centred


class Feed:
    """The batch of a step is a function of (seed, step) and of nothing else."""

    def __init__(
        self, frames: Sequence[Frames], contract: RobotContract, config: StudentConfig, augment: float
    ) -> None:
        """Take datasets and how strongly pictures are changed; see `draw_changes`."""
        self.samples = [Samples(f, contract, config.horizon, config.max_committed) for f in frames]
        self._config, self._augment = config, augment
        self._cameras = [contract.camera_names.index(name) for name in config.cameras]
        self._images = [[np.asarray(f.images[name]) for name in config.cameras] for f in frames]
        self._vectors: list[NDArray[np.float32]] | None = None
        self._halves = Halves(GoalCode())

    @property
    def frames(self) -> int:
        """Frames from which a chunk can be learnt, of all datasets."""
        return sum(len(s.starts) for s in self.samples)

    def sentences(self) -> list[tuple[str, ...]]:
        """Of each dataset."""
        return [s.frames.instructions for s in self.samples]

    def set_vectors(self, vectors: Sequence[NDArray[np.float32]]) -> None:
        """Take (S, text_width) for the sentences of each dataset, where the text encoder does not learn."""
        self._vectors = list(vectors)

    def batch(
        self, seed: int, step: int, size: int, rank: int, processes: int, dtype: torch.dtype = torch.float32
    ) -> Batch:
        """The share of process `rank` in the `size` samples of a step."""
        rng = np.random.default_rng([seed, step])
        c = self._config
        drawn = draw(self.samples, size, c.max_committed, rng)
        every = draw_changes(rng, size, len(c.cameras), c.height_px, c.width_px, self._augment)
        noise, time = rng.standard_normal((size, c.horizon, c.joints)), rng.random((size, 1))
        draws = rng.random(size)
        drawn, changes = drawn.share(rank, processes), every.share(rank, processes)
        order = np.argsort(drawn.source, kind="stable")
        groups = [(s, order[drawn.source[order] == s]) for s in np.unique(drawn.source)]
        parts = [self.samples[s].numbers(drawn.index[rows], drawn.delay[rows]) for s, rows in groups]
        back = np.argsort(np.concatenate([rows for _, rows in groups]))
        numbers = {
            name: np.concatenate([getattr(part, name) for part in parts])[back]
            for name in Numbers.__dataclass_fields__
        }
        attention = numbers["attention"][:, self._cameras]
        numbers["attention"] = shifted_points(attention, changes, c.height_px, c.width_px)
        tensors = {name: _tensor(values) for name, values in numbers.items()}
        pixels = gather(self._images, drawn.source, drawn.index, changes)
        return Batch(
            images=centred(torch.from_numpy(pixels), dtype),
            text=self._text(drawn.source, drawn.index, draws[rank::processes]),
            noise=_tensor(noise[rank::processes]),
            time=_tensor(time[rank::processes]),
            **tensors,
        )

    def _text(
        self, source: NDArray[np.int64], index: NDArray[np.int64], draws: NDArray[np.float64]
    ) -> Tensor | None:
        if self._vectors is None:
            return None
        rows = [
            self._vectors[s][self.samples[s].frames.instruction_index[i]]
            for s, i in zip(source, index, strict=True)
        ]
        return torch.from_numpy(self._halves.in_part(np.stack(rows), draws))


def _tensor(values: NDArray[np.generic]) -> Tensor:
    kind = np.int64 if values.dtype == np.int64 else np.float32
    return torch.from_numpy(np.ascontiguousarray(values, dtype=kind))
