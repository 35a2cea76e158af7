"""What the robot runs is what was trained: the same numbers from the same frame, through both code paths."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from sovereign_robot.contract.errors import CheckpointError, ContractMismatch
from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import Observation
from sovereign_robot.datasets.frames import Frames
from sovereign_robot.learning import checkpoint
from sovereign_robot.learning.export import CARD, PARITY, export
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.objective import StudentWithText
from sovereign_robot.learning.samples import Samples
from sovereign_robot.learning.vision import centred
from sovereign_robot.policy.bundle import FACTS, GRAPHS
from sovereign_robot.policy.onnx_policy import OnnxPolicy
from tests.policies import write_policy

ROBOT = load_robot("so101")
TEXTS = ("Put the RED cube in the left bin.", "青いｷｭｰﾌﾞを右の箱に入れて")
FRAMES = 12


@pytest.fixture(scope="module")
def frames() -> Frames:
    rng = np.random.default_rng(0)
    joints = ROBOT.home + np.cumsum(rng.uniform(-0.02, 0.03, (FRAMES, len(ROBOT.joints))), axis=0)
    shape = (FRAMES, ROBOT.cameras[0].height_px, ROBOT.cameras[0].width_px, 3)
    return Frames(
        images={name: rng.integers(0, 256, shape, np.uint8) for name in ROBOT.camera_names},
        joint_position_rad=joints,
        action_rad=np.clip(joints + 0.02, ROBOT.lower_rad, ROBOT.upper_rad),
        stamp_s=0.05 * np.arange(FRAMES),
        expert=np.ones(FRAMES, bool),
        episode_index=np.zeros(FRAMES, np.int64),
        frame_index=np.arange(FRAMES),
        instruction_index=np.arange(FRAMES) % 2,
        instructions=TEXTS,
        attention=np.zeros((FRAMES, len(ROBOT.cameras), 2, 2)),
        rate_hz=20.0,
    )


@pytest.fixture(scope="module")
def trained(tiny_policy_dir) -> StudentWithText:
    stored = checkpoint.load(tiny_policy_dir.with_name("policy-training"), ROBOT)
    model = StudentWithText(stored.config)
    stored.restore(model, "average")
    return model.eval()


def observe(frames: Frames, i: int) -> Observation:
    return Observation(
        stamp_s=float(frames.stamp_s[i]),
        joint_position_rad=frames.joint_position_rad[i],
        joint_velocity_rad_s=np.zeros(len(ROBOT.joints)),
        images={name: images[i] for name, images in frames.images.items()},
        instruction=TEXTS[frames.instruction_index[i]],
        age_s={},
    )


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.float32))


@pytest.mark.parametrize("delay", [1, 2, 3, 4])
@torch.no_grad()
def test_the_robot_computes_from_a_frame_what_training_computes_from_it(
    frames, trained, tiny_policy_dir, delay
):
    policy = OnnxPolicy.load(tiny_policy_dir, ROBOT)
    samples = Samples(frames, ROBOT, policy.horizon, policy.max_committed)
    for i in (0, 3, 6):
        given = samples.numbers(np.array([i]), np.array([delay]))
        pixels = np.stack([frames.images[name][i] for name in ROBOT.camera_names])[None]
        names = ("joints_rad", "anchor_rad", "committed_rad", "mask")
        joints, anchor, committed, mask = (_tensor(getattr(given, name)) for name in names)
        text = trained.text(torch.from_numpy(given.tokens))
        images = centred(torch.from_numpy(pixels), torch.float32)
        expected = trained.student(images, joints, text, anchor, committed, mask)[0].numpy()
        planned = policy.predict(observe(frames, i), frames.action_rad[i : i + delay]).position_rad

        limited = np.clip(expected, ROBOT.lower_rad, ROBOT.upper_rad)
        np.testing.assert_allclose(planned[delay:], limited[delay:], atol=PARITY)


def test_a_policy_folder_says_what_it_was_made_from_and_how_near_onnx_is(tiny_policy_dir):
    facts = json.loads((tiny_policy_dir / FACTS).read_text())

    assert facts["parity_rad"] < PARITY
    assert facts["text_weights_licence"].startswith("Apache-2.0")
    assert re.fullmatch(r"\d+\.\d+\.\d+", facts["version"])
    assert {
        "recipe",
        "datasets",
        "samples",
        "step",
        "loss",
        "seconds",
        "history",
        "statistics",
    } <= facts.keys()
    assert set(facts["sha256"]) == set(GRAPHS)
    assert {slot: tuple(values) for slot, values in facts["goal_code"].items()} == GoalCode().groups
    assert 1_000_000 < sum(facts["parameters"].values()) <= 12_000_000


def test_a_policy_of_one_camera_is_shown_that_camera_alone(frames, tmp_path):
    policy = OnnxPolicy.load(write_policy(tmp_path / "policy", ROBOT, cameras=("wrist",)), ROBOT)
    seen = observe(frames, 3)
    dark = {name: np.zeros_like(image) for name, image in seen.images.items()}
    plans = [
        policy.predict(replace(seen, images=images)).position_rad
        for images in (
            seen.images,
            seen.images | {"front": dark["front"]},
            seen.images | {"wrist": dark["wrist"]},
        )
    ]

    np.testing.assert_array_equal(plans[0], plans[1])
    assert (plans[0] != plans[2]).any()


def test_everything_fits_in_20_megabytes(tiny_policy_dir):
    sizes = {path.name: path.stat().st_size for path in tiny_policy_dir.iterdir()}

    assert set(sizes) == {FACTS, CARD, *GRAPHS}
    assert sum(sizes.values()) <= 20e6


def test_a_missing_training_folder_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match=r"holds no checkpoint\.safetensors"):
        export(tmp_path / "nowhere", tmp_path, ROBOT)
    assert list(tmp_path.iterdir()) == []


def test_a_student_of_another_robot_is_refused(untrained_dir, tmp_path):
    with pytest.raises(ContractMismatch, match="camera wrist height_px: 96 != 48"):
        export(untrained_dir, tmp_path, ROBOT)
    assert list(tmp_path.iterdir()) == []
