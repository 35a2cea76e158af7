"""What a training sample holds, on two hand-made episodes whose commands count the frames."""

from dataclasses import replace

import numpy as np
import pytest

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.contract.types import Labels
from sovereign_robot.datasets.frames import Frames
from sovereign_robot.learning.samples import UNKNOWN_COMMAND, Numbers, Samples, draw
from sovereign_robot.policy.text import token_ids

ROBOT = load_robot("so101")
HORIZON, COMMITTED = 5, 2
LENGTHS = (8, 6)
TEXTS = ("put the red cube in the left bin", "青いキューブを右の箱に入れて")
OPEN, SHUT = 1.0, -0.17
GRIPPER = [OPEN] * 3 + [SHUT] * 3 + [OPEN] * 2 + [OPEN] * 4 + [SHUT] * 2
ROWS = 7  # of each label
SPANS = [(0, 7)] + [(1, 7)] * 3 + [(2, 4)] * 4 + [(0, 3)] + [(1, 7)] * 5
PUSHED = 5  # the one frame in which somebody else than the expert acts


@pytest.fixture(scope="module")
def frames() -> Frames:
    count = sum(LENGTHS)
    action = np.tile(np.arange(count, dtype=np.float64)[:, None], (1, len(ROBOT.joints)))
    action[:, ROBOT.gripper_index] = GRIPPER
    episode = np.repeat(np.arange(len(LENGTHS)), LENGTHS)
    shades = np.arange(count, dtype=np.uint8)
    images = {
        name: np.tile((10 * shades + i)[:, None, None, None], (1, 4, 6, 3)).astype(np.uint8)
        for i, name in enumerate(ROBOT.camera_names)
    }
    return Frames(
        images=images,
        joint_position_rad=action + 100.0,
        action_rad=action,
        stamp_s=0.05 * np.arange(count),
        expert=np.arange(count) != PUSHED,
        episode_index=episode,
        frame_index=np.concatenate([np.arange(n) for n in LENGTHS]),
        instruction_index=episode,
        instructions=TEXTS,
        attention=np.arange(count * 8, dtype=np.float64).reshape(count, 2, 2, 2),
        rate_hz=20.0,
    )


@pytest.fixture(scope="module")
def samples(frames: Frames) -> Samples:
    return Samples(frames, ROBOT, HORIZON, COMMITTED)


@pytest.fixture(scope="module")
def labelled(frames: Frames) -> Samples:
    """The same frames as a student's attempts: row i of the label of frame n is 1000 n + i."""
    rows = 1000.0 * np.arange(len(frames))[:, None] + np.arange(ROWS)
    labels = Labels(np.repeat(rows[:, :, None], len(ROBOT.joints), axis=2), np.array(SPANS))
    return Samples(replace(frames, rate_hz=5.0, labels=labels), ROBOT, HORIZON, COMMITTED)


def one(samples: Samples, frame: int, delay: int = 0) -> Numbers:
    return samples.numbers(np.array([frame]), np.array([delay]))


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


def test_each_sample_knows_where_its_frame_shows_the_thing_and_the_place(samples):
    assert one(samples, 9).attention[0].ravel().tolist() == list(range(72, 80))


@pytest.mark.parametrize(("frame", "text"), [(0, TEXTS[0]), (7, TEXTS[0]), (8, TEXTS[1])])
def test_each_sample_has_the_sentence_of_its_episode(samples, frame, text):
    np.testing.assert_array_equal(one(samples, frame).tokens, token_ids(text))


def test_statistics_have_a_floor_where_nothing_moves(samples):
    mean, deviation = samples.joint_statistics()

    assert mean[0] == pytest.approx(100.0 + 6.5)
    assert (deviation >= 0.05).all()


def test_a_draw_has_the_size_asked_for_and_repeats_with_its_seed(samples):
    a, b, c = (draw([samples, samples], 32, COMMITTED, np.random.default_rng(s)) for s in (1, 1, 2))

    assert a.index.shape == a.delay.shape == a.source.shape == (32,)
    assert set(a.source) == {0, 1}
    for name in ("source", "index", "delay"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
    assert (a.index != c.index).any()


def test_draws_hold_every_delay_and_never_begin_where_the_expert_does_not_act(samples):
    drawn = draw([samples], 600, COMMITTED, np.random.default_rng(0))
    batch = samples.numbers(drawn.index, drawn.delay)

    assert set(batch.mask.sum(1).tolist()) == {0, 1, 2}
    assert PUSHED not in batch.target_rad[:, 0, 0].tolist()
    known = batch.anchor_rad[:, 0] < 50.0
    assert 0.5 < known.mean() < 0.9


def test_a_second_of_labels_counts_as_much_as_a_second_of_demonstrations(samples, labelled):
    drawn = draw([samples, labelled], 4000, COMMITTED, np.random.default_rng(0))

    # 13 frames at 20 Hz are 0.65 s, 13 frames at 5 Hz are 2.6 s.
    assert (drawn.source == 1).mean() == pytest.approx(2.6 / 3.25, abs=0.02)


def test_the_shares_of_all_processes_are_the_draw(samples):
    drawn = draw([samples], 9, COMMITTED, np.random.default_rng(0))
    shares = [drawn.share(rank, 3) for rank in range(3)]

    for rank, share in enumerate(shares):
        np.testing.assert_array_equal(share.index, drawn.index[rank::3])
    assert sum(len(share.delay) for share in shares) == 9


@pytest.mark.parametrize(
    ("frame", "mask", "weight"),
    [
        (0, [0, 0], [1, 1, 1, 1, 1]),
        (1, [1, 0], [0, 1, 1, 1, 1]),  # what was promised is not learnt
        (4, [1, 1], [0, 0, 1, 1, 0]),  # after row 3 the teacher would look again first
        (8, [0, 0], [1, 1, 1, 0, 0]),
    ],
)
def test_a_label_counts_from_the_first_free_row_until_the_teacher_would_look_again(
    labelled, frame, mask, weight
):
    batch = one(labelled, frame, delay=2)  # labels were given for a delay of their own

    assert batch.mask[0].tolist() == mask
    assert batch.weight[0].tolist() == weight
    assert batch.target_rad[0, :, 0].tolist() == [1000.0 * frame + row for row in range(HORIZON)]
    assert batch.committed_rad[0, :, 0].tolist() == [1000.0 * frame, 1000.0 * frame + 1]


@pytest.mark.parametrize(
    ("frame", "anchor"),
    [
        (0, 100.0),  # the first decision knows no command: the measured joints
        (8, 108.0),
        (1, 1000.0),  # the last promised row
        (4, 4001.0),
    ],
)
def test_the_anchor_of_a_label_is_the_last_promised_row(labelled, frame, anchor):
    assert one(labelled, frame).anchor_rad[0, 0] == anchor


def test_where_a_student_acted_nobody_knows_the_next_turn_of_the_gripper(samples, labelled):
    assert one(samples, 3).keyframe_known[0]
    assert not one(labelled, 3).keyframe_known[0]


def test_a_label_that_is_shorter_than_the_chunk_ends_where_it_ends(labelled):
    longer = Samples(labelled.frames, ROBOT, ROWS + 3, COMMITTED)
    batch = one(longer, 1)

    assert batch.target_rad.shape == (1, ROWS + 3, len(ROBOT.joints))
    assert batch.weight[0].tolist() == [False] + [True] * (ROWS - 1) + [False] * 3
