"""What decides the weights of a training run, besides the data."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One run; stored with its checkpoints.

    Attributes:
        steps: optimiser steps.
        seconds: time after which the run ends though steps are left, its schedule with it; 0 for never.
        clock: of `seconds`: the wall's, or the processor time of the main process, which is the same for
            trainings that are compared however busy the machine is.
        batch: samples per step, over all processes.
        processes: how many share each batch.
        bf16: whether the vision computes in bfloat16.
        text: whether the text encoder, which knows the grammars' words already, stays or learns too.
        attention, keyframe: weights of the auxiliary losses.
        augment: how strongly pictures are changed, 0 for not at all.
    """

    steps: int
    seconds: float
    clock: Literal["wall", "cpu"] = "wall"
    batch: int
    learning_rate: float
    seed: int
    processes: int
    bf16: bool
    text: Literal["frozen", "tuned"]
    attention: float
    keyframe: float
    augment: float
