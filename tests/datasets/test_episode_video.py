import av
import numpy as np
import pytest

from sovereign_robot.datasets.episode_video import QUANTILES, EpisodeVideoEncoder, byte_statistics


def counts_of(pixels: np.ndarray) -> np.ndarray:
    return np.stack([np.bincount(channel, minlength=256) for channel in pixels.T])


def test_statistics_are_those_of_the_pixels():
    pixels = np.random.default_rng(0).integers(3, 250, (5000, 3))

    statistics = byte_statistics(counts_of(pixels))

    np.testing.assert_allclose(statistics["mean"], pixels.mean(axis=0))
    np.testing.assert_allclose(statistics["std"], pixels.std(axis=0))
    np.testing.assert_array_equal(statistics["min"], pixels.min(axis=0))
    np.testing.assert_array_equal(statistics["max"], pixels.max(axis=0))
    for quantile in QUANTILES:
        expected = np.quantile(pixels, quantile, axis=0, method="inverted_cdf")
        np.testing.assert_array_equal(statistics[f"q{round(100 * quantile):02d}"], expected)
    assert statistics["count"] == [5000]


def test_each_frame_is_encoded_at_its_time(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (7, 32, 48, 3), dtype=np.uint8)
    encoder = EpisodeVideoEncoder(20)

    encoder.start_episode(["front"], tmp_path)
    for image in images:
        encoder.feed_frame("front", image)
    path, _ = encoder.finish_episode()["front"]

    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx(np.arange(7) / 20)


def test_a_dropped_episode_leaves_nothing(tmp_path):
    encoder = EpisodeVideoEncoder(20)
    encoder.start_episode(["front"], tmp_path)
    encoder.feed_frame("front", np.zeros((32, 48, 3), dtype=np.uint8))

    encoder.cancel_episode()

    assert not list(tmp_path.iterdir())
