"""The batch of a step, whole or shared, of demonstrations and labels."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sovereign_robot.datasets.frames import Frames, load_frames
from sovereign_robot.learning.feed import Feed
from sovereign_robot.learning.objective import Batch, StudentWithText
from sovereign_robot.policy.text import token_ids
from tests.datasets.samples import labelled, sample_episode, small_robot, write_dataset
from tests.policies import student_of

ROBOT = small_robot()
CONFIG = student_of(ROBOT)
SEED, STEP, SIZE = 3, 7, 24


@pytest.fixture(scope="module")
def attempts(tmp_path_factory) -> Path:
    episodes = [labelled(sample_episode(seed, 24, "en"), rows=20) for seed in range(2)]
    return write_dataset(tmp_path_factory.mktemp("attempts") / "dataset", episodes)


@pytest.fixture(scope="module")
def feed(small_dataset, attempts) -> Feed:
    return Feed([load_frames(root, ROBOT) for root in (small_dataset, attempts)], ROBOT, CONFIG, 1.0)


def tensors(batch: Batch) -> dict[str, torch.Tensor]:
    return {name: value for name, value in vars(batch).items() if value is not None}


def test_a_batch_is_a_function_of_seed_and_step(feed):
    first, again = feed.batch(SEED, STEP, SIZE, 0, 1), feed.batch(SEED, STEP, SIZE, 0, 1)
    for name, tensor in tensors(first).items():
        assert torch.equal(tensor, getattr(again, name)), name

    for other in (feed.batch(SEED, STEP + 1, SIZE, 0, 1), feed.batch(SEED + 1, STEP, SIZE, 0, 1)):
        assert not torch.equal(first.joints_rad, other.joints_rad)


@pytest.mark.parametrize("processes", [2, 3])
def test_the_shares_of_the_processes_are_the_rows_of_the_whole_batch(feed, processes):
    whole = tensors(feed.batch(SEED, STEP, SIZE, 0, 1))
    for rank in range(processes):
        share = tensors(feed.batch(SEED, STEP, SIZE, rank, processes))
        assert share.keys() == whole.keys()
        for name, tensor in share.items():
            assert torch.equal(tensor, whole[name][rank::processes]), name


@torch.no_grad()
def test_the_mean_loss_of_the_shares_is_the_loss_of_the_whole_batch(feed):
    torch.manual_seed(0)
    model = StudentWithText(CONFIG).eval()
    whole = model(feed.batch(SEED, STEP, SIZE, 0, 1))
    shares = [model(feed.batch(SEED, STEP, SIZE, rank, 3)) for rank in range(3)]

    assert float(torch.stack(shares).mean()) == pytest.approx(float(whole), rel=1e-5)


def test_demonstrations_and_labels_come_in_one_batch_each_sample_with_its_own_picture(feed):
    plain = Feed([s.frames for s in feed.samples], ROBOT, CONFIG, 0.0)
    batch = plain.batch(SEED, STEP, SIZE, 0, 1)
    shown = {float(known) for known in batch.keyframe_known}
    assert shown == {0.0, 1.0}

    for row in range(SIZE):
        frames = plain.samples[0 if batch.keyframe_known[row] else 1].frames
        distance = np.abs(frames.joint_position_rad - batch.joints_rad[row].numpy()).max(axis=1)
        assert any(is_of(batch, row, frames, int(at)) for at in np.flatnonzero(distance < 1e-6))


def is_of(batch: Batch, row: int, frames: Frames, at: int) -> bool:
    """Whether a sample shows and says what a frame does."""
    sentence = token_ids(frames.instructions[frames.instruction_index[at]])[0].tolist()
    pixels = (batch.images[row].numpy().transpose(0, 2, 3, 1) + 128.0).astype(np.uint8)
    shown = [frames.images[name][at] for name in ROBOT.camera_names]
    points = np.abs(batch.attention[row].numpy() - frames.attention[at]).max()
    return batch.tokens[row].tolist() == sentence and np.array_equal(pixels, shown) and points < 1e-6


def test_a_shifted_picture_has_its_points_shifted(feed):
    still = Feed([s.frames for s in feed.samples], ROBOT, CONFIG, 0.0).batch(SEED, STEP, SIZE, 0, 1)
    moved = feed.batch(SEED, STEP, SIZE, 0, 1)
    shift_px = (moved.attention - still.attention) * torch.tensor([CONFIG.width_px, CONFIG.height_px]) / 2.0

    assert torch.allclose(shift_px, shift_px.round(), atol=1e-3)
    assert torch.equal(shift_px[:, :, 0].round(), shift_px[:, :, 1].round())
    assert shift_px.abs().max() > 0.5
    assert torch.equal(still.joints_rad, moved.joints_rad)


def test_a_second_of_each_dataset_comes_as_often(feed):
    batch = feed.batch(0, 0, 2000, 0, 1)
    seconds = [len(s.starts) / s.frames.rate_hz for s in feed.samples]

    share = float(batch.keyframe_known.mean())
    assert share == pytest.approx(seconds[0] / sum(seconds), abs=0.04)
    assert feed.frames == sum(len(s.starts) for s in feed.samples)


def test_sentences_come_as_vectors_where_the_text_encoder_stays(feed):
    own = Feed([s.frames for s in feed.samples], ROBOT, CONFIG, 1.0)
    assert own.batch(SEED, STEP, SIZE, 0, 1).text is None

    texts = own.sentences()
    own.set_vectors([np.full((len(t), CONFIG.text_width), i, np.float32) for i, t in enumerate(texts)])
    batch = own.batch(SEED, STEP, SIZE, 0, 1)
    assert batch.text is not None
    assert batch.text.shape == (SIZE, CONFIG.text_width)
    assert torch.equal(batch.text[:, 0], 1.0 - batch.keyframe_known)


def test_only_the_students_cameras_are_gathered(feed):
    config = student_of(ROBOT, cameras=("wrist",))
    frames = [s.frames for s in feed.samples]
    one = Feed(frames, ROBOT, config, 0.0).batch(SEED, STEP, SIZE, 0, 1)
    both = Feed(frames, ROBOT, CONFIG, 0.0).batch(SEED, STEP, SIZE, 0, 1)
    wrist = ROBOT.camera_names.index("wrist")

    assert one.images.shape[1] == one.attention.shape[1] == 1
    assert torch.equal(one.images[:, 0], both.images[:, wrist])
    assert torch.equal(one.attention[:, 0], both.attention[:, wrist])
