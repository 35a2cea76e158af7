"""What a training sample holds, on two hand-made episodes whose commands count the frames."""

import numpy as np
import pytest
import torch

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.datasets.frames import Frames
from sovereign_robot.learning.samples import UNKNOWN_COMMAND, Samples, augment, draw, join
from sovereign_robot.policy.text import token_ids

ROBOT = load_robot("so101")
HORIZON, COMMITTED = 5, 2
LENGTHS = (8, 6)
TEXTS = ("put the red cube in the left bin", "青いキューブを右の箱に入れて")
OPEN, SHUT = 1.0, -0.17
GRIPPER = [OPEN] * 3 + [SHUT] * 3 + [OPEN] * 2 + [OPEN] * 4 + [SHUT] * 2
PUSHED = 5  # the one frame in which somebody else than the expert acts


@pytest.fixture(scope="module")
def samples() -> Samples:
    count = sum(LENGTHS)
    action = np.tile(np.arange(count, dtype=np.float64)[:, None], (1, len(ROBOT.joints)))
    action[:, ROBOT.gripper_index] = GRIPPER
    episode = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
    shades = np.arange(count, dtype=np.uint8)
    images = {
        name: np.tile((10 * shades + i)[:, None, None, None], (1, 4, 6, 3)).astype(np.uint8)
        for i, name in enumerate(ROBOT.camera_names)
    }
    frames = Frames(
        images=images,
        joint_position_rad=action + 100.0,
        action_rad=action,
        stamp_s=0.05 * np.arange(count),
        expert=np.arange(count) != PUSHED,
        episode_index=episode,
        frame_index=np.concatenate([np.arange(n) for n in LENGTHS]),
        instruction_index=episode,
        instructions=TEXTS,
    )
    return Samples(frames, ROBOT, HORIZON, COMMITTED)


def one(samples: Samples, frame: int, delay: int = 0):
    return samples.batch(np.array([frame]), np.array([delay]))


@pytest.mark.parametrize(
    ("frame", "rows"),
    [
        (0, [0, 1, 2, 3, 4]),
        (5, [5, 6, 7, 7, 7]),
        (7, [7] * 5),
        (8, [8, 9, 10, 11, 12]),
        (12, [12, 13, 13, 13, 13]),
    ],
)
def test_a_chunk_is_what_follows_and_after_the_end_the_last_command_stays(samples, frame, rows):
    assert one(samples, frame).target_rad[0, :, 0].tolist() == rows


@pytest.mark.parametrize(
    ("frame", "delay", "anchor"),
    [
        (3, 0, 2.0),  # the command in force
        (3, 1, 3.0),  # the last promised row
        (3, 2, 4.0),
        (7, 2, 7.0),  # promised beyond the end: the last command stays
        (0, 0, 100.0),  # the first frame has no command before it: the measured joints
        (8, 0, 108.0),  # and never the last one of another episode
        (8, 1, 8.0),
        (3, UNKNOWN_COMMAND, 103.0),
        (9, UNKNOWN_COMMAND, 109.0),
    ],
)
def test_the_anchor_is_the_last_command_before_the_free_rows(samples, frame, delay, anchor):
    assert one(samples, frame, delay).anchor_rad[0, 0] == anchor


@pytest.mark.parametrize(
    ("delay", "mask"), [(UNKNOWN_COMMAND, [0, 0]), (0, [0, 0]), (1, [1, 0]), (2, [1, 1])]
)
def test_the_mask_tells_how_many_rows_are_promised(samples, delay, mask):
    batch = one(samples, 8, delay)

    assert batch.mask[0].tolist() == mask
    assert batch.committed_rad[0, :, 0].tolist() == [8.0, 9.0]


@pytest.mark.parametrize(
    ("frame", "delay", "weight"),
    [
        (8, 0, [1, 1, 1, 1, 1]),
        (8, 2, [0, 0, 1, 1, 1]),  # promised rows are not learnt
        (8, UNKNOWN_COMMAND, [1, 1, 1, 1, 1]),
        (3, 0, [1, 1, 0, 0, 0]),  # until somebody else acts; what the expert does later answers to that
        (4, 0, [1, 0, 0, 0, 0]),
        (4, 2, [0, 0, 1, 1, 1]),  # somebody else acted, but it was promised
        (3, 2, [0, 0, 0, 0, 0]),
        (6, 0, [1, 1, 1, 1, 1]),
    ],
)
def test_only_the_experts_free_rows_are_learnt(samples, frame, delay, weight):
    assert one(samples, frame, delay).weight[0].tolist() == weight


@pytest.mark.parametrize(
    ("frame", "turn"), [(0, 3), (2, 3), (3, 6), (5, 6), (6, 7), (7, 7), (8, 12), (11, 12), (12, 13), (13, 13)]
)
def test_the_keyframe_is_the_next_turn_of_the_gripper_or_the_episodes_end(samples, frame, turn):
    assert one(samples, frame).keyframe_rad[0, 0] == turn


def test_samples_begin_only_where_the_expert_acts(samples):
    assert samples.starts.tolist() == [i for i in range(sum(LENGTHS)) if i != PUSHED]


def test_pictures_come_in_the_contracts_order_as_shares_of_255(samples):
    images = one(samples, 9).images

    assert images.shape == (1, len(ROBOT.cameras), 3, 4, 6)
    for i in range(len(ROBOT.cameras)):
        assert torch.allclose(images[0, i], torch.tensor((90 + i) / 255.0))


@pytest.mark.parametrize(("frame", "text"), [(0, TEXTS[0]), (7, TEXTS[0]), (8, TEXTS[1])])
def test_each_sample_has_the_sentence_of_its_episode(samples, frame, text):
    np.testing.assert_array_equal(one(samples, frame).tokens.numpy(), token_ids(text))


def test_statistics_have_a_floor_where_nothing_moves(samples):
    mean, deviation = samples.joint_statistics()
    step = samples.step_deviation()

    assert mean[0] == pytest.approx(100.0 + 6.5)
    assert (deviation >= 0.05).all()
    assert step.shape == (HORIZON, len(ROBOT.joints))
    assert (step >= 0.01).all()


def test_a_draw_has_the_size_asked_for_and_repeats_with_its_seed(samples):
    a, b, c = (join(draw([samples, samples], 32, COMMITTED, np.random.default_rng(s))) for s in (1, 1, 2))

    assert a.images.shape[0] == 32
    assert torch.equal(a.target_rad, b.target_rad)
    assert torch.equal(a.mask, b.mask)
    assert not torch.equal(a.target_rad, c.target_rad)


def test_draws_hold_every_delay_and_never_begin_where_the_expert_does_not_act(samples):
    batch = join(draw([samples], 600, COMMITTED, np.random.default_rng(0)))

    assert set(batch.mask.sum(1).tolist()) == {0.0, 1.0, 2.0}
    assert PUSHED not in batch.target_rad[:, 0, 0].tolist()
    known = batch.anchor_rad[:, 0] < 50.0
    assert 0.5 < known.float().mean() < 0.9


def test_new_light_changes_shades_but_not_where_things_are():
    images = torch.zeros(2, 2, 3, 8, 8)
    images[..., 2:5, 3:6] = 0.8
    lit = augment(images.clone(), np.random.default_rng(0))

    assert lit.min() >= 0.0
    assert lit.max() <= 1.0
    assert not torch.equal(lit, images)
    assert torch.equal(lit > 0.4, images > 0.4)
    assert (lit[..., 2:5, 3:6].flatten(-2).std(-1) < 1e-6).all()
