"""What came of one injected fault."""

from dataclasses import dataclass
from typing import Any

from sovereign_robot.evaluation.fault_judge import Promise, Verdict


@dataclass(frozen=True, slots=True)
class FaultResult:
    """One case of one round.

    Attributes:
        what: the fault in one sentence.
        broken: every promise that was not kept, re-arming included; empty when it was survived.
        rearmed: what it took to make the arm move again; "" when nothing did.
        load: mean number of processes that wanted a core during the last minute.
    """

    name: str
    group: str
    what: str
    promise: Promise
    verdict: Verdict
    broken: tuple[str, ...]
    rearmed: str
    load: float

    @property
    def survived(self) -> bool:
        """Whether every promise was kept."""
        return not self.broken

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        verdict, audit = self.verdict, self.verdict.audit
        return {
            "name": self.name,
            "group": self.group,
            "what": self.what,
            "survived": self.survived,
            "broken": list(self.broken),
            "sign": str(self.promise.sign),
            "within_s": self.promise.within_s,
            "detected_s": None if verdict.detected_s is None else round(verdict.detected_s, 4),
            "state": verdict.state,
            "told": verdict.told,
            "moved_after_stop_rad": round(verdict.moved_rad, 6),
            "oldest_observation_s": round(verdict.oldest_s, 3),
            "outside_rad": round(audit.outside_rad, 6),
            "speed_share": round(audit.speed, 4),
            "leap_share": round(audit.leap, 4),
            "longest_gap_s": round(audit.gap_s, 4),
            "jitter_p99_s": round(audit.jitter_s, 5),
            "rearmed": self.rearmed,
            "load": round(self.load, 2),
        }
