"""Why the pictures of one camera cannot be trusted, although they arrive in time.

another frame   the camera says that it is another one than the contract names
black           no light reaches the sensor: a cap, a broken cable, a dead driver
frozen          the same bytes for a second while the arm moves; a real sensor never repeats itself, a
                simulated one does as long as nothing moves
"""

import numpy as np

from sovereign_robot.contract.robot import Camera
from sovereign_robot.contract.types import Array, Image

FROZEN_S = 1.0
MOVED_RAD = 0.05
BLACK_MEAN = 4.0  # of 255
EVERY_PIXEL = 4  # of a row and of a column is looked at for black


class CameraWatch:
    """Looks at each picture of one camera."""

    def __init__(self, camera: Camera) -> None:
        """Start with nothing seen."""
        self._camera = camera
        self._image: Image | None = None
        self._since_s = 0.0
        self._from_rad: Array | None = None
        self._moved_rad = 0.0
        self._fault = ""

    @property
    def fault(self) -> str:
        """What is wrong with the newest picture, naming the camera; "" when nothing is."""
        return self._fault

    def take(self, stamp_s: float, image: Image, frame: str, position_rad: Array | None) -> None:
        """Look at a picture.

        Args:
            stamp_s: when it was taken [s].
            image: uint8 RGB (H, W, 3).
            frame: the tf frame that came with it; "" when the driver names none, which is taken for right.
            position_rad: (J,) joints measured last [rad]; None when there are none.
        """
        self._fault = (
            self._other_frame(frame) or self._black(image) or self._frozen(stamp_s, image, position_rad)
        )

    def _other_frame(self, frame: str) -> str:
        if frame in ("", self._camera.frame):
            return ""
        return (
            f"camera {self._camera.name} says that its frame is {frame[:80]!r}, expected "
            f"{self._camera.frame!r}: are two cameras swapped?"
        )

    def _black(self, image: Image) -> str:
        mean = float(image[::EVERY_PIXEL, ::EVERY_PIXEL].mean()) if image.size else 0.0
        if mean >= BLACK_MEAN:
            return ""
        return f"camera {self._camera.name} is black (mean {mean:.1f} of 255): is something in front of it?"

    def _frozen(self, stamp_s: float, image: Image, position_rad: Array | None) -> str:
        if self._image is None or self._from_rad is None or not np.array_equal(image, self._image):
            self._image, self._since_s, self._from_rad, self._moved_rad = image, stamp_s, position_rad, 0.0
            return ""
        same_s = stamp_s - self._since_s
        if position_rad is not None:  # the farthest so far: an arm that comes back has moved too
            self._moved_rad = max(self._moved_rad, float(np.abs(position_rad - self._from_rad).max()))
        if same_s <= FROZEN_S or self._moved_rad <= MOVED_RAD:
            return ""
        return (
            f"camera {self._camera.name} sends the same picture for {same_s:.1f} s "
            f"while the arm moves: start its driver again"
        )
