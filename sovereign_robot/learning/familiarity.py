"""From which familiarity on a sentence is followed: calibrated and measured on sentences that are new.

The threshold comes from one draw of new phrasings, clean and mistyped; what is reported comes from another
draw, and from written requests that nobody can do (`sim/language/unheard.py`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.lessons import Manner, lessons, longest
from sovereign_robot.learning.text_encoder import GoalTextEncoder
from sovereign_robot.policy.text import token_ids
from sovereign_robot.sim.language.slips import slipped
from sovereign_robot.sim.language.unheard import UNHEARD
from sovereign_robot.sim.tasks.registry import TASKS

DRAWS = 2000
BATCH = 100
MAX_THRESHOLD = 0.5
KEPT = {"phrase": 0.995, "typo": 0.98}  # shares of the calibration that the threshold must let pass


def _mistyped(rng: np.random.Generator, text: str) -> str:
    return slipped(rng, text, held_out=True)


MANNERS = {"phrase": Manner(held_out=True), "typo": Manner(held_out=True, slip=_mistyped)}


def familiarity_facts(
    encoder: GoalTextEncoder, seed: int = 0, tasks: Sequence[str] = tuple(TASKS), draws: int = DRAWS
) -> dict[str, Any]:
    """What policy.json says under "familiarity": the threshold, and what it lets pass and what not.

    Args:
        encoder: a taught encoder.
        seed: decides the sentences.
        tasks: names of the tasks that are asked for.
        draws: sentences of each kind, to calibrate and again to measure.
    """
    told = {name: _new(encoder, [seed, 8], tasks, name, draws) for name in MANNERS}
    lowest = min(float(np.quantile(told[name], 1.0 - kept)) for name, kept in KEPT.items())
    threshold = round(min(lowest, MAX_THRESHOLD), 4)
    rated = {name: _new(encoder, [seed, 9], tasks, name, draws) for name in MANNERS}
    unheard = _rated(encoder, torch.from_numpy(np.concatenate([token_ids(text) for text in UNHEARD])))
    return {
        "threshold": threshold,
        "accepted": {name: round(float((one >= threshold).mean()), 4) for name, one in rated.items()},
        "rejected": {"unheard": round(float((unheard < threshold).mean()), 4)},
        "sentences": {**dict.fromkeys(MANNERS, draws), "unheard": len(UNHEARD)},
        "calibration": {"seed": seed, "passed": KEPT, "at_most": MAX_THRESHOLD},
    }


def _new(
    encoder: GoalTextEncoder, seed: list[int], tasks: Sequence[str], name: str, draws: int
) -> NDArray[np.float32]:
    """(draws,) the familiarity of new sentences of one kind."""
    return _rated(encoder, lessons(np.random.default_rng(seed), draws, GoalCode(), tasks, MANNERS[name]).ids)


@torch.no_grad()
def _rated(encoder: GoalTextEncoder, ids: Tensor) -> NDArray[np.float32]:
    """(N,) the familiarity of each sentence."""
    encoder.eval()
    rated = torch.cat([encoder.familiarity(part[:, : longest(part)]) for part in ids.split(BATCH)])
    return rated[:, 0].numpy()
