import av
import numpy as np
import pytest

from sovereign_robot.datasets.episode_video import QUANTILES, byte_statistics, count_pixels, encode


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


def test_pixels_are_counted_per_channel():
    images = np.random.default_rng(0).integers(0, 255, (3, 8, 10, 3), dtype=np.uint8)

    np.testing.assert_array_equal(count_pixels(images), counts_of(images.reshape(-1, 3)))


def test_each_frame_is_encoded_at_its_time(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (7, 32, 48, 3), dtype=np.uint8)

    encode(images, tmp_path / "a.mp4", 20)

    with av.open(str(tmp_path / "a.mp4")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == pytest.approx(np.arange(7) / 20)
