"""What every policy does with rows that are promised already: check them, and repeat them in its chunk."""

import numpy as np

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array


def promised_rows(committed: Array | None, contract: RobotContract, most: int) -> Array:
    """(d, J) rows [rad], none where nothing is committed.

    Raises:
        CommandError: more than `most` rows are committed, or they do not fit.
    """
    rows = np.zeros((0, len(contract.joints))) if committed is None else committed
    shape = (most, len(contract.joints))
    if rows.ndim != 2 or len(rows) > shape[0] or rows.shape[1] != shape[1] or not np.isfinite(rows).all():
        raise CommandError(
            f"committed rows have shape {rows.shape}, expected finite values of at most {shape}"
        )
    return rows


def chunk_after(rows: Array, position_rad: Array, contract: RobotContract, stamp_s: float) -> ActionChunk:
    """The chunk of a plan (T, J) [rad] whose first rows are the promised ones (d, J), in range."""
    position_rad[: len(rows)] = rows
    limited = np.clip(position_rad, contract.lower_rad, contract.upper_rad)
    return ActionChunk(stamp_s, contract.policy_step_s, contract.joint_names, limited)
