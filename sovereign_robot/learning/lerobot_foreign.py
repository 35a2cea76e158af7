"""Checkpoints of LeRobot (ACT, Diffusion Policy, ...) behind the Policy port, so that our code measures them.

    LeRobotPolicy.load(Path("outputs/train/checkpoints/last/pretrained_model"), robot)

Row 0 of LeRobot's chunk is the action of the observed frame, and in our datasets that is the command one
policy step later: the chunks agree row by row. A checkpoint says no rate: it is taken for the robot's.
"""

import contextlib
import hashlib
import io
import json
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor

from sovereign_robot.contract.errors import CheckpointError, ContractError, ContractMismatch
from sovereign_robot.contract.fakes import example_observation
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import ActionChunk, Array, Observation
from sovereign_robot.datasets.layout import ACTION, CONTRACT_FILE, STATE, image_feature
from sovereign_robot.policy.promises import chunk_after, promised_rows

CONFIG, WEIGHTS, TRAINING = "config.json", "model.safetensors", "train_config.json"
INSIDE = (".", "pretrained_model", "checkpoints/last/pretrained_model")  # where a run keeps its newest policy
MAX_COMMITTED = 4
NO_CHUNK = (
    NotImplementedError,
    RuntimeError,
)  # so policies say that only select_action works
WRONG_FILE = (SafetensorError, ImportError, LookupError, OSError, RuntimeError, TypeError, ValueError)


class LeRobotPolicy:
    """Observation to action chunk, on one thread unless told otherwise.

    A policy that looks back gets what was seen one step earlier where it was asked then. Asked less often, it
    gets the joints of that time, by their measured velocity, with the present picture. To repeat the present
    observation would show it an arm that rests; to keep the last one, an arm that is several times too fast.
    """

    def __init__(self, folder: Path, robot: RobotContract, threads: int = 1) -> None:
        """Load; see `load`."""
        torch.set_num_threads(threads)
        self.contract, self.folder = robot, folder
        self._config = read_config(folder)
        require_fit(folder, self._config, robot)
        self._policy, self._before, self._after = _open(folder, self._config)
        self._cameras = [n for n in robot.camera_names if image_feature(n) in self._config.image_features]
        self._seen: deque[Observation] = deque(maxlen=self._config.n_obs_steps)
        self._calls = 0
        self._whole_chunks = True
        self.horizon = len(self._rehearse())
        self.max_committed = min(MAX_COMMITTED, self.horizon - 1)

    @classmethod
    def load(cls, folder: Path, robot: RobotContract, threads: int = 1) -> "LeRobotPolicy":
        """Load a checkpoint, or the newest one of a training run, without a network.

        Raises:
            CheckpointError: it is missing, broken, or of a kind that cannot be run here.
            ContractMismatch: it was trained for another robot; lists every difference.
        """
        return cls(_newest(folder), robot, threads)

    @property
    def kind(self) -> str:
        """LeRobot's name of the policy's type, such as "act"."""
        return str(self._config.type)

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self._policy.parameters())

    @property
    def sha256(self) -> str:
        """Hash of the weights, a name for this policy."""
        return hashlib.sha256((self.folder / WEIGHTS).read_bytes()).hexdigest()

    def reset(self) -> None:
        """Forget the episode so far."""
        self._policy.reset()
        self._seen.clear()
        self._calls = 0

    def predict(self, observation: Observation, committed: Array | None = None) -> ActionChunk:
        """Plan from one observation; a policy that draws noise draws the same in every episode.

        Raises:
            ObservationError: a stream is missing or does not fit the contract.
            CommandError: more rows are committed than can be repeated, or they do not fit.
        """
        observation.validate(self.contract)
        rows = promised_rows(committed, self.contract, self.max_committed)
        position = self._plan(observation, rows)
        return chunk_after(rows, position, self.contract, observation.stamp_s)

    def _plan(self, observation: Observation, rows: Array) -> Array:
        """(T, J) [rad]."""
        past = self._past(observation)
        self._seen.append(observation)
        with torch.inference_mode(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._calls)
            self._calls += 1
            chunk = self._whole(past, rows) if self._whole_chunks else self._by_single_actions(observation)
            position: Array = self._after(chunk)[0].double().numpy().copy()
        return position

    def _past(self, observation: Observation) -> list[Observation]:
        """What the policy looks at, oldest first; see the class."""
        step_s = self.contract.policy_step_s
        looked = [observation]
        for steps in range(1, self._config.n_obs_steps):
            due_s = observation.stamp_s - steps * step_s
            then = [seen for seen in self._seen if abs(seen.stamp_s - due_s) < 0.5 * step_s]
            way_rad = steps * step_s * observation.joint_velocity_rad_s
            before = replace(looked[-1], joint_position_rad=observation.joint_position_rad - way_rad)
            looked.append(then[-1] if then else before)
        return looked[::-1]

    def _whole(self, past: list[Observation], rows: Array) -> Tensor:
        """LeRobot's chunk (1, T, J) from the observations that the policy looks at."""
        frames = [self._frame(observation) for observation in past]
        batch = dict(frames[-1])
        if len(frames) > 1:
            for name in (STATE, *map(image_feature, self._cameras)):
                batch[name] = torch.stack([frame[name] for frame in frames], dim=1)
        if not self._policy.supports_rtc():
            return self._policy.predict_action_chunk(batch)
        promised = torch.from_numpy(rows.astype(np.float32))[None] if len(rows) else None
        return self._policy.predict_action_chunk(
            batch, inference_delay=len(rows), prev_chunk_left_over=promised
        )

    def _by_single_actions(self, observation: Observation) -> Tensor:
        """The actions (1, T, J) that LeRobot would play before it looks again."""
        self._policy.reset()
        frame = self._frame(observation)
        count = int(getattr(self._config, "n_action_steps", 1))
        return torch.stack([self._policy.select_action(dict(frame)) for _ in range(count)], dim=1)

    def _frame(self, observation: Observation) -> dict[str, Any]:
        """One observation as LeRobot's processors give it to a policy."""
        from lerobot.policies.utils import prepare_observation_for_inference

        values = {image_feature(name): observation.images[name].copy() for name in self._cameras}
        values[STATE] = observation.joint_position_rad.astype(np.float32)
        made = prepare_observation_for_inference(
            values, torch.device("cpu"), observation.instruction, self.contract.name
        )
        return dict(self._before(made))

    def _rehearse(self) -> Array:
        """The first chunk: what keeps the policy from running is found before an episode begins."""
        observation, nothing = example_observation(self.contract), np.zeros((0, len(self.contract.joints)))
        with _refusing(self.folder):
            try:
                chunk = self._plan(observation, nothing)
            except NO_CHUNK:
                self._whole_chunks = False
                chunk = self._plan(observation, nothing)
        self.reset()
        return chunk


def _newest(folder: Path) -> Path:
    """The folder that holds the policy."""
    for inside in INSIDE:
        if (folder / inside / CONFIG).is_file() and (folder / inside / WEIGHTS).is_file():
            return folder / inside
    raise CheckpointError(
        f"LeRobot policy {folder} is no folder with {CONFIG} and {WEIGHTS}: "
        "give the pretrained_model folder of a checkpoint of lerobot-train"
    )


def read_config(folder: Path) -> Any:
    """LeRobot's description of the policy, to be run on the CPU without looking for anything elsewhere."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    with _refusing(folder):
        import lerobot.policies  # noqa: F401  (registers LeRobot's own kinds)
        from draccus.utils import DraccusException
        from lerobot.configs import PreTrainedConfig
        from lerobot.utils.import_utils import register_third_party_plugins

        register_third_party_plugins()
        try:
            config = PreTrainedConfig.from_pretrained(folder, local_files_only=True)
        except DraccusException as error:
            raise ValueError(error) from error
        config.device, config.pretrained_path = "cpu", folder
        if hasattr(config, "pretrained_backbone_weights"):
            config.pretrained_backbone_weights = None  # the checkpoint holds them; torchvision would download
    return config


def _open(folder: Path, config: Any) -> tuple[Any, Any, Any]:
    """LeRobot's policy and its processors."""
    with _refusing(folder):
        from lerobot.policies import get_policy_class, make_pre_post_processors

        policy = get_policy_class(config.type).from_pretrained(
            folder, config=config, local_files_only=True, strict=True
        )
        device = {"device_processor": {"device": "cpu"}}
        before, after = make_pre_post_processors(config, str(folder), preprocessor_overrides=device)
    return policy.eval(), before, after


@contextlib.contextmanager
def _refusing(folder: Path) -> Iterator[None]:
    """Turn what LeRobot raises into one sentence, and keep what it prints from our output."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except WRONG_FILE as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise CheckpointError(
            f"LeRobot policy {folder} cannot be run ({reason[:300]}): "
            "train it again with the LeRobot of this environment"
        ) from error


def require_fit(folder: Path, config: Any, robot: RobotContract) -> None:
    """Compare what the policy sees and commands with the robot, and their contracts where there is one."""
    joints = (len(robot.joints),)
    offered: dict[str, tuple[int, ...]] = {STATE: joints, ACTION: joints}
    offered |= {image_feature(c.name): (3, c.height_px, c.width_px) for c in robot.cameras}
    inputs, outputs = config.input_features or {}, config.output_features or {}
    wanted = {n: tuple(f.shape) for n, f in {**inputs, **outputs}.items() if _matters(n, f)}
    wanted.setdefault(ACTION, ())
    differences = [
        f"{name}: {offered.get(name) or 'none'} != {shape or 'none'}"
        for name, shape in wanted.items()
        if offered.get(name) != shape
    ]
    names = [f"{name}.pos" for name in robot.joint_names]
    theirs = getattr(config, "action_feature_names", None) or names
    if list(theirs) != names:
        differences.append(f"joint order: {', '.join(names)} != {', '.join(theirs)}")
    if differences:
        raise ContractMismatch(
            f"LeRobot policy {folder} was trained for another robot than {robot.name} "
            f"(robot != policy): {'; '.join(differences)}"
        )
    contract = _contract_of(folder)
    if contract is not None:
        robot.require_match(contract, theirs="dataset of the LeRobot policy")


def _matters(name: str, feature: Any) -> bool:
    """Whether a policy reads it: a further column of its dataset is listed but not read."""
    return feature.type.name != "STATE" or name == STATE


def _contract_of(folder: Path) -> RobotContract | None:
    """The robot of the dataset that the policy was trained on, where that dataset still is."""
    try:
        root = json.loads((folder / TRAINING).read_text(encoding="utf-8"))["dataset"]["root"]
        path = Path(root) / CONTRACT_FILE
        return RobotContract.from_data(json.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError, LookupError, TypeError, ContractError):
        return None
