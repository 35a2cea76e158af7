from dataclasses import replace

import numpy as np
import pytest

from sovereign_robot.contract.errors import CommandError
from sovereign_robot.contract.types import ActionChunk
from sovereign_robot.control.chunk_player import MAX_ROWS, ChunkPlayer
from tests.control.chunks import SO101, chunk


def refusals() -> list[tuple[str, ActionChunk, str]]:
    broken = chunk(1.0).position_rad.copy()
    broken[3, 2] = np.nan
    endless = chunk(1.0).position_rad.copy()
    endless[0, 5] = np.inf
    rows = chunk(1.0).position_rad
    return [
        ("nan", chunk(1.0, position_rad=broken), "row 3 of joint elbow_flex is not finite"),
        ("inf", chunk(1.0, position_rad=endless), "row 0 of joint gripper is not finite"),
        ("joints", chunk(1.0, position_rad=rows[:, :5]), r"shape \(16, 5\), expected \(T, 6\)"),
        ("flat", chunk(1.0, position_rad=rows[0]), r"shape \(6,\), expected \(T, 6\)"),
        ("empty", chunk(1.0, position_rad=rows[:0]), "with T >= 1"),
        (
            "names",
            chunk(1.0, joint_names=SO101.joint_names[::-1]),
            "names joints gripper, .* expected shoulder_pan",
        ),
        (
            "no angle",
            chunk(1.0, position_rad=np.where(np.isinf(endless), -1e300, endless)),
            r"row 0 of joint gripper is -1e\+300 rad, expected -0\.175 \.\. 1\.75 rad; 100 ranges outside is",
        ),
        ("huge", chunk(1.0, position_rad=np.zeros((MAX_ROWS + 1, 6))), "1001 rows, expected at most 1000"),
        ("step", chunk(1.0, step_s=0.5), r"step of 0\.5 s, expected 0\.05 s \(policy_rate_hz 20 of so101\)"),
        ("zero step", chunk(1.0, step_s=0.0), "step above 0"),
        ("nan stamp", replace(chunk(1.0), stamp_s=float("nan")), "expected finite"),
        ("future", chunk(1.2), r"0\.200 s in the future, expected at most 0\.050 s"),
        ("past", chunk(0.1), r"ended 0\.100 s ago: it was observed 0\.900 s ago and reaches 0\.800 s"),
        ("older", chunk(0.85), "not newer than the one in play"),
        ("same", chunk(0.9), "not newer than the one in play"),
    ]


@pytest.mark.parametrize(("refused", "sentence"), [c[1:] for c in refusals()], ids=[c[0] for c in refusals()])
def test_a_bad_chunk_is_refused_whole_and_the_plan_goes_on(refused: ActionChunk, sentence: str):
    player = ChunkPlayer(SO101)
    player.accept(
        chunk(0.0 if "ended" in sentence else 0.9), 0.9 if "ended" not in sentence else 0.0, SO101.home
    )
    before = player.committed(0.3, 4), player.stamp_s
    with pytest.raises(CommandError, match=sentence):
        player.accept(refused, 1.0)
    assert np.array_equal(player.committed(0.3, 4), before[0])
    assert player.stamp_s == before[1]
