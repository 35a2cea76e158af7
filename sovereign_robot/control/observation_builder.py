"""Join camera images and joints of one moment into an observation, or say which stream is late.

Pictures belong together when their stamps lie within half a policy step; the joints are those measured last
before the newest picture, at most three control periods earlier. Nothing is repeated and nothing is filled
in: without one stream there is no observation, and `fault` names it with its age, or with what else is wrong
with it.
"""

from collections import deque

from sovereign_robot.contract.errors import ObservationError
from sovereign_robot.contract.names import JOINT_STATES
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Image, JointState, Observation
from sovereign_robot.control.camera_watch import CameraWatch

JOINT_HISTORY = 64
MAX_AGE_PERIODS = 3.0
AHEAD_S = 0.05
ROUNDING_S = 1e-6


class ObservationBuilder:
    """Keeps the newest picture of each camera and the last joint states of one robot."""

    def __init__(self, contract: RobotContract) -> None:
        """Start with nothing seen."""
        self._contract = contract
        self._joints: deque[JointState] = deque(maxlen=JOINT_HISTORY)
        self._images: dict[str, tuple[float, Image]] = {}
        self._watches = {camera.name: CameraWatch(camera) for camera in contract.cameras}
        self._built_s = -float("inf")

    def on_joint_state(self, joints: JointState) -> None:
        """Take measured joints; those that are not newer than the last are passed over."""
        if not self._joints or joints.stamp_s > self._joints[-1].stamp_s:
            self._joints.append(joints)

    def on_image(self, camera: str, stamp_s: float, image: Image, frame: str = "") -> None:
        """Take a picture; one that is not newer than the last of its camera is passed over.

        Args:
            camera: whose picture it is.
            stamp_s: when it was taken [s].
            image: uint8 RGB (H, W, 3).
            frame: tf frame that came with it, "" for none.

        Raises:
            ObservationError: the robot has no such camera.
        """
        if camera not in self._contract.camera_names:
            known = ", ".join(self._contract.camera_names)
            raise ObservationError(f"camera {camera} is not one of the robot's: {known}")
        if camera not in self._images or stamp_s > self._images[camera][0]:
            self._images[camera] = (stamp_s, image)
            joints_rad = self._joints[-1].position_rad if self._joints else None
            self._watches[camera].take(stamp_s, image, frame, joints_rad)

    @property
    def stamp_s(self) -> float | None:
        """Time of the newest complete set of pictures that no observation has used yet [s], else None."""
        if not self._images or set(self._images) != set(self._contract.camera_names):
            return None
        stamps_s = [stamp_s for stamp_s, _ in self._images.values()]
        newest_s = max(stamps_s)
        together = newest_s - min(stamps_s) <= 0.5 * self._contract.policy_step_s
        return newest_s if together and min(stamps_s) > self._built_s else None

    def fault(self, now_s: float) -> str:
        """Which streams are late at `now_s` [s], each with its age, or wrong; "" when all are well."""
        late = self._drop_future(now_s)
        joints = self._joints[-1].stamp_s if self._joints else None
        limits_s = {JOINT_STATES: (joints, MAX_AGE_PERIODS * self._contract.policy_step_s)}
        for camera in self._contract.cameras:
            seen = self._images.get(camera.name)
            limits_s[f"camera {camera.name}"] = (seen and seen[0], MAX_AGE_PERIODS / camera.rate_hz)
        for stream, (stamp_s, limit_s) in limits_s.items():
            if stamp_s is None:
                late.append(f"{stream} has not been received")
            elif now_s - stamp_s > limit_s + ROUNDING_S:
                late.append(f"{stream} is {now_s - stamp_s:.3f} s old, expected at most {limit_s:.3f} s")
        wrong = [watch.fault for watch in self._watches.values() if watch.fault]
        return "; ".join(late + wrong)

    def loss(self, now_s: float) -> str:
        """Why a plan that these cameras led to may not go on at `now_s` [s]; "" while it may.

        A late picture only keeps the next plan from being made (see `fault`); a wrong one, and none for
        `image_hold_s` of the contract, end the plan in play.
        """
        limit_s = self._contract.safety.image_hold_s
        lost = [watch.fault for watch in self._watches.values() if watch.fault]
        for camera in self._contract.camera_names:
            if camera not in self._images:
                lost.append(f"camera {camera} has not been received")
            elif (age_s := now_s - self._images[camera][0]) > limit_s + ROUNDING_S:
                lost.append(f"camera {camera} is {age_s:.3f} s old, expected at most {limit_s:.3f} s")
        return "; ".join(lost)

    def _drop_future(self, now_s: float) -> list[str]:
        """Forget what is stamped ahead of `now_s` [s], else it shadows what is true until its time comes."""
        ahead_s: dict[str, float] = {}
        while self._joints and self._joints[-1].stamp_s > now_s + AHEAD_S:
            ahead_s[JOINT_STATES] = self._joints.pop().stamp_s - now_s
        for camera, (stamp_s, _) in list(self._images.items()):
            if stamp_s > now_s + AHEAD_S:
                ahead_s[f"camera {camera}"] = stamp_s - now_s
                del self._images[camera]
        return [f"{stream} is stamped {by_s:.3f} s in the future" for stream, by_s in ahead_s.items()]

    def build(self, now_s: float, instruction: str) -> Observation:
        """The observation at the newest complete set of pictures.

        Args:
            now_s: current time [s]; streams are judged by their age now.
            instruction: what the robot is asked to do.

        Raises:
            ObservationError: a stream is missing, late, misshapen, or came only after the pictures.
        """
        fault, stamp_s = self.fault(now_s), self.stamp_s
        if fault or stamp_s is None:
            raise ObservationError(fault or "no new picture from every camera")
        joints = next((j for j in reversed(self._joints) if j.stamp_s <= stamp_s + ROUNDING_S), None)
        limit_s = MAX_AGE_PERIODS * self._contract.control_step_s
        if joints is None or stamp_s - joints.stamp_s > limit_s + ROUNDING_S:
            raise ObservationError(
                f"no {JOINT_STATES} came from the {limit_s:.3f} s before the pictures at {stamp_s:.3f} s"
            )
        self._built_s = stamp_s
        age_s = {JOINT_STATES: stamp_s - joints.stamp_s}
        age_s |= {name: stamp_s - seen_s for name, (seen_s, _) in self._images.items()}
        images = {name: image for name, (_, image) in self._images.items()}
        observation = Observation(
            stamp_s, joints.position_rad, joints.velocity_rad_s, images, instruction, age_s
        )
        observation.validate(self._contract)
        return observation

    def forget(self) -> None:
        """Drop everything seen, as when the scene is reset."""
        self._joints.clear()
        self._images.clear()
        self._watches = {camera.name: CameraWatch(camera) for camera in self._contract.cameras}
        self._built_s = -float("inf")
