"""How a person names a policy and a process loads it: ours by folder, LeRobot's as `lerobot:<folder>`."""

from dataclasses import dataclass
from pathlib import Path

from sovereign_robot.contract.ports import Policy
from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.policy.default import policy_dir
from sovereign_robot.policy.onnx_policy import OnnxPolicy

LEROBOT = "lerobot:"


@dataclass(frozen=True)
class NamedPolicy:
    """A policy that was named but not loaded yet; picklable, so that each worker loads its own."""

    name: str
    robot: RobotContract

    def __call__(self, threads: int = 1) -> Policy:
        """Load it.

        Raises:
            CheckpointError: a file is missing, cut short or altered.
            ContractMismatch: it was made for another robot.
        """
        if self.name.startswith(LEROBOT):
            from sovereign_robot.learning.lerobot_foreign import LeRobotPolicy

            return LeRobotPolicy.load(Path(self.name.removeprefix(LEROBOT)), self.robot, threads)
        return OnnxPolicy.load(policy_dir(self.name), self.robot, threads)

    def facts(self, policy: Policy) -> dict[str, str]:
        """What a report says of it, once it is loaded."""
        sha256 = policy.bundle.sha256 if isinstance(policy, OnnxPolicy) else getattr(policy, "sha256", "")
        return {"name": self.name, "sha256": sha256}
