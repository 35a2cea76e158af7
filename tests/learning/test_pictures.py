import numpy as np
import pytest

from sovereign_robot.learning.pictures import GREY, SHIFT_SHARE, Changes, draw_changes, gather, shifted_points

HEIGHT, WIDTH, CAMERAS, COUNT = 24, 40, 2, 6
SPOT = 200


def nothing(count: int = COUNT) -> Changes:
    size = (count, CAMERAS)
    return Changes(
        shift_px=np.zeros((*size, 2), np.int64),
        gain=np.ones((*size, 3)),
        offset=np.zeros(size),
        blur=np.zeros(size, bool),
        drop=np.zeros(size, bool),
        order=np.tile(np.arange(3), (*size, 1)),
    )


@pytest.fixture
def images() -> list[list[np.ndarray]]:
    """Of two datasets and two cameras: random, darker than SPOT, with one spot at row 10, column 20."""
    rng = np.random.default_rng(0)
    made = rng.integers(20, 120, (2, CAMERAS, COUNT, HEIGHT, WIDTH, 3), dtype=np.uint8)
    made[:, :, :, 10, 20] = SPOT
    return [list(dataset) for dataset in made]


SOURCE, INDEX = np.array([0, 1, 0, 1, 1, 0]), np.array([5, 0, 0, 2, 2, 3])


def test_without_changes_the_frames_are_copied_as_they_are(images):
    batch = gather(images, SOURCE, INDEX, nothing())

    assert batch.shape == (COUNT, CAMERAS, HEIGHT, WIDTH, 3)
    for row in range(COUNT):
        for camera in range(CAMERAS):
            np.testing.assert_array_equal(batch[row, camera], images[SOURCE[row]][camera][INDEX[row]])


def test_a_strength_of_nothing_changes_nothing(images):
    changes = draw_changes(np.random.default_rng(0), COUNT, CAMERAS, HEIGHT, WIDTH, 0.0)

    np.testing.assert_array_equal(
        gather(images, SOURCE, INDEX, changes), gather(images, SOURCE, INDEX, nothing())
    )
    points = np.random.default_rng(1).uniform(-1, 1, (COUNT, CAMERAS, 2, 2))
    np.testing.assert_array_equal(shifted_points(points, changes, HEIGHT, WIDTH), points)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (-4, 0), (0, 5), (0, -2), (2, -3), (-1, 4)])
def test_a_shift_moves_what_is_seen_and_where_it_is_said_to_be_alike(images, right, down):
    changes = nothing()
    changes.shift_px[:, 1] = right, down
    batch = gather(images, SOURCE, INDEX, changes)
    middle = np.array([(20 + 0.5) / WIDTH, (10 + 0.5) / HEIGHT]) * 2.0 - 1.0
    points = np.tile(middle, (COUNT, CAMERAS, 2, 1))
    moved = shifted_points(points, changes, HEIGHT, WIDTH)

    for camera, place in ((0, (10, 20)), (1, (10 + down, 20 + right))):
        brightest = batch[:, camera, ..., 0].reshape(COUNT, -1).argmax(axis=1)
        assert {divmod(int(at), WIDTH) for at in brightest} == {place}
        column, row = ((moved[0, camera, 0] + 1.0) / 2.0 * (WIDTH, HEIGHT)).astype(int)
        assert (row, column) == place


def test_what_comes_in_at_a_shifted_side_repeats_it(images):
    changes = nothing()
    changes.shift_px[:, 0] = 3, -2
    batch = gather(images, SOURCE, INDEX, changes)
    frame = images[0][0][5]

    np.testing.assert_array_equal(batch[0, 0, :-2, 3:], frame[2:, :-3])
    for column in range(3):
        np.testing.assert_array_equal(batch[0, 0, :-2, column], frame[2:, 0])
    for row in (-1, -2):
        np.testing.assert_array_equal(batch[0, 0, row, 3:], frame[-1, :-3])


def test_a_dropped_camera_shows_grey_and_the_other_one_stays(images):
    changes = nothing()
    changes.drop[2, 1] = True
    batch = gather(images, SOURCE, INDEX, changes)

    assert (batch[2, 1] == GREY).all()
    np.testing.assert_array_equal(batch[2, 0], images[0][0][0])


def test_another_light_multiplies_and_adds_per_colour_and_ends_at_black_and_white(images):
    changes = nothing()
    changes.gain[0, 0] = 1.5, 1.0, 0.5
    changes.offset[0, 0] = 0.1
    changes.gain[1, 1], changes.offset[2, 0] = 9.0, -1.0
    batch = gather(images, SOURCE, INDEX, changes)
    frame = images[0][0][5].astype(float)

    expected = np.clip(frame * (1.5, 1.0, 0.5) + 25.5, 0, 255)
    assert np.abs(batch[0, 0] - expected).max() <= 1.0
    assert batch[1, 1].max() == 255
    assert (batch[2, 0] == 0).all()


def test_a_blurred_picture_has_the_same_light_and_less_detail(images):
    changes = nothing()
    changes.blur[0, 0] = True
    sharp, soft = (gather(images, SOURCE, INDEX, c)[0, 0].astype(float) for c in (nothing(), changes))

    assert soft.mean() == pytest.approx(sharp.mean(), abs=1.0)
    assert np.abs(np.diff(soft, axis=1)).mean() < 0.6 * np.abs(np.diff(sharp, axis=1)).mean()


def test_draws_stay_within_their_bounds_and_never_blind_every_camera():
    changes = draw_changes(np.random.default_rng(0), 4000, CAMERAS, HEIGHT, WIDTH)
    largest = np.rint(SHIFT_SHARE * np.array([WIDTH, HEIGHT]))

    assert (np.abs(changes.shift_px) <= largest).all()
    assert (np.abs(changes.shift_px).max(axis=(0, 1)) == largest).all()
    assert 0.3 < (changes.shift_px == 0).all(axis=2).mean() < 0.7
    assert changes.drop.any()
    assert not changes.drop.all(axis=1).any()
    assert changes.blur.any()
    assert ((changes.gain > 0.6) & (changes.gain < 1.4)).all()


def test_the_shares_of_all_processes_are_the_draw():
    changes = draw_changes(np.random.default_rng(0), 7, CAMERAS, HEIGHT, WIDTH)

    for rank in range(3):
        share = changes.share(rank, 3)
        for name in Changes.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(share, name), getattr(changes, name)[rank::3])


def test_a_camera_shows_its_channels_in_the_order_that_was_drawn(images):
    changes = nothing()
    changes.order[2, 1] = 2, 0, 1
    batch = gather(images, SOURCE, INDEX, changes)

    np.testing.assert_array_equal(batch[2, 1], images[SOURCE[2]][1][INDEX[2]][..., [2, 0, 1]])
    np.testing.assert_array_equal(batch[2, 0], images[SOURCE[2]][0][INDEX[2]])


def test_the_first_camera_keeps_its_colours_and_another_one_does_now_and_then_not():
    changes = draw_changes(np.random.default_rng(0), 400, CAMERAS, HEIGHT, WIDTH)
    recoloured = (changes.order != np.arange(3)).any(axis=2).mean(axis=0)

    assert recoloured[0] == 0.0
    assert 0.12 < recoloured[1] < 0.28
