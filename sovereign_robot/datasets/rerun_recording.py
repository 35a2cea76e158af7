"""Episodes as a rerun recording: cameras, joints, commands and sentences on one time line, one after another.

    write_recording(Path("episodes.rrd"), dataset, chosen)

Pictures are JPEG, since the viewer plays a dataset's own H.264 only where FFmpeg is installed. Its font has
no Japanese (0.41): the sentences are readable on the contact sheet of the same episodes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sovereign_robot.datasets.episodes import RecordedEpisode, read_images, read_joints
from sovereign_robot.datasets.lerobot_v3 import OpenDataset

TIME, SENTENCE, MEASURED, COMMAND = "time", "instruction", "joints/measured", "joints/command"
JPEG_QUALITY = 90
COLOURS = (0x4477AA, 0xEE6677, 0x228833, 0xCCBB44, 0x66CCEE, 0xAA3377, 0x777777)  # told apart by most eyes
PAUSE_S = 0.5  # between two episodes


def write_recording(path: Path, dataset: OpenDataset, episodes: Sequence[RecordedEpisode]) -> None:
    """Write every frame of the episodes to an .rrd file."""
    import rerun

    recording = rerun.RecordingStream(f"sovereign_robot: {dataset.root.resolve().name}")
    recording.save(path, default_blueprint=_views(dataset.contract.camera_names))
    names = dataset.contract.joint_names
    colours = [COLOURS[i % len(COLOURS)] << 8 | 0xFF for i in range(len(names))]
    for entity in (MEASURED, COMMAND):
        recording.log(entity, rerun.SeriesLines(names=names, colors=colours), static=True)
    start_s = 0.0
    for episode in episodes:
        start_s = _log(recording, dataset, episode, start_s) + PAUSE_S
    recording.disconnect()


def _log(recording: Any, dataset: OpenDataset, episode: RecordedEpisode, start_s: float) -> float:
    """Add one episode that begins at `start_s`; returns when it ends [s]."""
    import rerun

    stamp_s, position_rad, command_rad = read_joints(dataset, episode)
    times_s = start_s + stamp_s
    text = f"{episode.instruction}\n\n{episode.task}, episode {episode.index}, seed {episode.seed}"
    recording.set_time(TIME, duration=float(times_s[0]))
    recording.log(SENTENCE, rerun.TextDocument(text))
    for entity, values in ((MEASURED, position_rad), (COMMAND, command_rad)):
        columns = rerun.Scalars.columns(scalars=values)
        recording.send_columns(entity, [rerun.TimeColumn(TIME, duration=times_s)], columns)
    for camera in dataset.contract.camera_names:
        images = read_images(dataset, episode, camera, range(episode.frames))
        for time_s, image in zip(times_s, images, strict=True):
            recording.set_time(TIME, duration=float(time_s))
            recording.log(camera, rerun.Image(image).compress(jpeg_quality=JPEG_QUALITY))
    return float(times_s[-1])


def _views(cameras: Sequence[str]) -> Any:
    """Cameras on the left; sentence and joints [rad] on the right."""
    import rerun.blueprint as views

    left = views.Vertical(*(views.Spatial2DView(origin=camera, name=camera) for camera in cameras))
    right = views.Vertical(
        views.TextDocumentView(origin=SENTENCE, name=SENTENCE),
        views.TimeSeriesView(origin=MEASURED, name=f"{MEASURED} [rad]"),
        views.TimeSeriesView(origin=COMMAND, name=f"{COMMAND} [rad]"),
        row_shares=[1, 3, 3],
    )
    return views.Blueprint(views.Horizontal(left, right, column_shares=[2, 3]), collapse_panels=True)
