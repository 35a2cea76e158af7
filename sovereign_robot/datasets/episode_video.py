"""The encoder behind LeRobot's writer: one pass over each frame, statistics included.

LeRobot's own streaming encoder estimates quantiles from float histograms, 2.6 ms per frame of 128x96, eight
times its encoding, and drops frames when its queue is full. Pixels are bytes: 256 counters give them exactly.
"""

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.types import Image

QUANTILES = (0.01, 0.10, 0.50, 0.90, 0.99)
CODEC: Final = "h264"
PIXEL_FORMAT = "yuv444p"
CODEC_OPTIONS = {"preset": "ultrafast", "crf": "12", "g": "2", "threads": "1"}


def with_fast_video(lerobot_dataset: Any) -> Any:
    """LeRobot's dataset class, its streaming encoder replaced through its own factory method."""

    class FastVideoDataset(lerobot_dataset):
        @staticmethod
        def _build_streaming_encoder(fps: int, *_: Any, **__: Any) -> EpisodeVideoEncoder:
            return EpisodeVideoEncoder(fps)

    return FastVideoDataset


class EpisodeVideoEncoder:
    """Encodes the cameras of one episode after another; the methods are those that LeRobot's writer calls."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._videos: dict[str, _Video] = {}

    def start_episode(
        self, video_keys: list[str], temp_dir: Path, depth_video_keys: list[str] | None = None
    ) -> None:
        """Begin an episode; each video gets a folder of its own, which the writer removes."""
        self._videos = {k: _Video(Path(tempfile.mkdtemp(dir=temp_dir)), self._fps) for k in video_keys}

    def feed_frame(self, video_key: str, image: Image) -> None:
        """Encode one frame (H, W, 3)."""
        self._videos[video_key].write(image)

    def finish_episode(self) -> dict[str, tuple[Path, dict[str, NDArray]]]:
        """Close the videos; path and statistics of each."""
        finished = {key: video.close() for key, video in self._videos.items()}
        self._videos = {}
        return finished

    def cancel_episode(self) -> None:
        """Drop the episode that was begun."""
        for video in self._videos.values():
            path, _ = video.close()
            path.unlink(missing_ok=True)
            path.parent.rmdir()
        self._videos = {}

    close = cancel_episode


class _Video:
    def __init__(self, folder: Path, fps: int) -> None:
        self._path = folder / "episode.mp4"
        self._step = Fraction(1, fps)
        self._container = av.open(str(self._path), "w")
        self._stream = self._container.add_stream(CODEC, rate=fps, options=CODEC_OPTIONS)
        self._stream.pix_fmt = PIXEL_FORMAT
        self._frames = 0
        self._counts = np.zeros((3, 256), dtype=np.int64)

    def write(self, image: Image) -> None:
        if self._frames == 0:
            self._stream.height, self._stream.width = image.shape[:2]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts, frame.time_base = self._frames, self._step
        self._container.mux(self._stream.encode(frame))
        self._frames += 1
        for channel in range(3):
            self._counts[channel] += np.bincount(image[..., channel].ravel(), minlength=256)

    def close(self) -> tuple[Path, dict[str, NDArray]]:
        if self._frames:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._path, byte_statistics(self._counts) if self._frames else {}


def byte_statistics(counts: NDArray[np.int64]) -> dict[str, NDArray]:
    """LeRobot's statistics of pixels from how often each value came, exactly.

    Args:
        counts: (C, 256) occurrences of each byte per channel.

    Returns:
        min, max, mean, std and quantiles, each (C,) in 0 .. 255; count (1,) is the pixels of one channel.
    """
    total = counts.sum(axis=1)
    values = np.arange(256, dtype=np.float64)
    mean = counts @ values / total
    statistics = {
        "min": (counts > 0).argmax(axis=1).astype(np.float64),
        "max": 255.0 - (counts[:, ::-1] > 0).argmax(axis=1),
        "mean": mean,
        "std": np.sqrt(np.maximum(counts @ values**2 / total - mean**2, 0.0)),
        "count": total[:1],
    }
    cumulative = counts.cumsum(axis=1) / total[:, None]
    for quantile in QUANTILES:
        statistics[f"q{round(quantile * 100):02d}"] = (
            (cumulative >= quantile).argmax(axis=1).astype(np.float64)
        )
    return statistics
