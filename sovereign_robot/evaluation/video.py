"""An episode as a small MP4 that every browser plays."""

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import numpy as np

from sovereign_robot.contract.types import Image
from sovereign_robot.evaluation.results import EpisodeResult
from sovereign_robot.sim.simulation import Simulation

WIDTH_PX, HEIGHT_PX = 400, 300
FRAME_STEP_S = 0.1


def episode_video(simulation: Simulation, episode: EpisodeResult) -> bytes:
    """Draw an episode again from its configurations; the simulation is reset to its scene.

    Returns:
        MP4 in real time; empty when the episode kept no configurations.
    """
    if not len(episode.qpos):
        return b""
    simulation.reset(episode.seed, episode.split)
    stride = max(1, round(FRAME_STEP_S / episode.qpos_step_s))
    frames = _draw(simulation, episode, stride)
    return encode_mp4(frames, 1.0 / (stride * episode.qpos_step_s))


def _draw(simulation: Simulation, episode: EpisodeResult, stride: int) -> Iterator[Image]:
    for qpos in episode.qpos[::stride]:
        yield simulation.render_view([float(v) for v in qpos], WIDTH_PX, HEIGHT_PX)


def encode_mp4(frames: Iterable[Image], rate_hz: float) -> bytes:
    """Encode frames (H, W, 3), even sizes, as H.264 in 4:2:0."""
    buffer = io.BytesIO()
    av.logging.set_libav_level(av.logging.ERROR)
    with av.open(buffer, "w", format="mp4") as container:
        options = {"preset": "veryfast", "crf": "27", "threads": "1"}
        stream = container.add_stream("h264", rate=Fraction(rate_hz).limit_denominator(1000), options=options)
        stream.pix_fmt = "yuv420p"
        for index, image in enumerate(frames):
            if index == 0:
                stream.height, stream.width = image.shape[:2]
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24"))
            )
        container.mux(stream.encode(None))
    return buffer.getvalue()
