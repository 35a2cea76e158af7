"""Train LeRobot's ACT and Diffusion Policy beside our student for the same wall time, and measure all alike.

What is trained, timed or evaluated in --out already is not repeated: --only does a part of the work at a
time, and the report holds whatever is finished.
"""

import json
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from sovereign_robot import __version__
from sovereign_robot.cli import eval as evaluation
from sovereign_robot.cli import export
from sovereign_robot.cli.output import check_out, prepare_out
from sovereign_robot.cli.policies import LEROBOT, NamedPolicy
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.fakes import example_observation
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.evaluation.compare import read_measured
from sovereign_robot.evaluation.onnx_file import read_stored
from sovereign_robot.evaluation.parallel import for_seeds
from sovereign_robot.evaluation.peers import HEADS, Peer, PeerTable, write_peers_report
from sovereign_robot.evaluation.statistics import Spread
from sovereign_robot.policy.bundle import GRAPHS

KIND = "peers"
OURS, ACT, DIFFUSION = "sovereign", "act", "diffusion"
ALL = (OURS, ACT, DIFFUSION)
TRAINED, TIMED, EVALUATED = "trained", "timed", "evaluated"
THREADS = (1, 2)
WARM_UP, LONGEST_S = 3, 60.0
# A call of the Diffusion Policy denoises 100 times: it is asked less often, within the 32 steps of LeRobot.
REPLAN = {OURS: 4, ACT: 4, DIFFUSION: 16}


@dataclass
class Args:
    """What `sovereign-robot bench peers` takes."""

    dataset: Path
    """Folder of a dataset from `sovereign-robot collect`."""
    out: Path = Path("outputs/peers")
    """Folder of report.json, report.html and everything trained: new, empty, or of an earlier run."""
    train_minutes: float = 60.0
    """Wall time of the training of each policy [min]."""
    only: str = ",".join(ALL)
    """Policies to work on now, separated by commas; what is finished of the others is shown too."""
    tasks: str = ""
    """Tasks, separated by commas; by default those of the dataset."""
    splits: str = "layout"
    """Kinds of scenes, separated by commas."""
    episodes: int = 50
    """Number of episodes of each task and split."""
    seed: int = 0
    """Seed of the first episode."""
    workers: int = 2
    """Processes that simulate; 0 simulates, and times, in this one."""
    calls: int = 300
    """Calls that are timed, as many as fit in a minute."""
    threads: int = 2
    """Threads with which LeRobot trains; ours trains with processes of one thread each."""
    act_flags: str = ""
    """Further flags of lerobot-train for ACT, in one string, as --act-flags='--batch_size=32 --seed=7'."""
    diffusion_flags: str = ""
    """Further flags of lerobot-train for the Diffusion Policy, in one string."""
    sovereign_flags: str = ""
    """Further flags of `sovereign-robot train`, in one string."""
    robot: str = "so101"
    """Robot name or YAML file."""
    json: bool = False
    """Print the report as JSON alone."""

    def flags(self, name: str) -> list[str]:
        """Those of one policy."""
        given: str = getattr(self, f"{name}_flags")
        return shlex.split(given)


def main(args: Args) -> int:
    """Trains and measures; 0 when that is done, whoever is better."""
    from sovereign_robot.datasets.lerobot_v3 import open_dataset

    chosen = _chosen(args)
    contract = load_robot(args.robot)
    dataset = open_dataset(args.dataset, contract)
    args.tasks = args.tasks or ",".join(dataset.collection["tasks"])
    check_out(args.out, KIND)
    prepare_out(args.out, KIND)
    console = Console(stderr=True)
    for name in chosen:
        work = _Work(name, args, contract)
        for phase, act in ((TRAINED, work.train), (TIMED, work.time), (EVALUATED, work.evaluate)):
            with console.status(f"{name}: to be {phase}"):
                work.once(phase, act)
    finished = [peer for peer in (_peer(args.out / name, name) for name in ALL) if peer is not None]
    table = PeerTable(finished, OURS)
    page = write_peers_report(args.out, table, _facts(args, contract))
    _print(args, table, page)
    return 0


def _chosen(args: Args) -> list[str]:
    names = [name.strip() for name in args.only.split(",")]
    unknown = [name for name in names if name not in ALL]
    if unknown:
        raise UsageError(f"policy {unknown[0]!r} is not known; choose of {', '.join(ALL)}")
    if not args.train_minutes > 0.0 or args.threads < 1 or args.calls < 1:
        raise UsageError(
            f"--train-minutes {args.train_minutes:g} --threads {args.threads} --calls {args.calls}: "
            "expected more than 0 minutes, and at least 1 thread and 1 call"
        )
    return names


class _Work:
    """What is done for one policy, in its folder."""

    def __init__(self, name: str, args: Args, robot: RobotContract) -> None:
        self._name, self._args, self._robot = name, args, robot
        self._folder = args.out / name
        self._folder.mkdir(exist_ok=True)
        policy = self._folder / "policy"
        self._policy = NamedPolicy(f"{'' if name == OURS else LEROBOT}{policy}", robot)

    def once(self, phase: str, act: Callable[[], Mapping[str, Any]]) -> None:
        """Do it unless it was done; training is never thrown away for other flags."""
        path, asked = self._folder / f"{phase}.json", self._asked(phase)
        done = _read(path)
        if done is not None and done["asked"] == asked:
            return
        if done is not None and phase == TRAINED:
            raise UsageError(
                f"{self._name} in {self._folder} was trained with {done['asked']}, now {asked} is asked for: "
                "use the same flags or another --out"
            )
        found = {**act(), "asked": asked}
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _asked(self, phase: str) -> dict[str, Any]:
        args = self._args
        if phase == TRAINED:
            dataset, flags = str(args.dataset.resolve()), args.flags(self._name)
            return {"dataset": dataset, "train_minutes": args.train_minutes, "flags": flags}
        if phase == TIMED:
            return {"threads": list(THREADS), "calls": self._args.calls}
        names = ("tasks", "splits", "episodes", "seed")
        return {name: getattr(args, name) for name in names} | {"replan": REPLAN[self._name]}

    def train(self) -> Mapping[str, Any]:
        """Train for the wall time, and make the policy folder."""
        from sovereign_robot.learning.lerobot_peers import train_peer, train_student

        args, limit_s = self._args, 60.0 * self._args.train_minutes
        flags = args.flags(self._name)
        if self._name != OURS:
            return asdict(
                train_peer(self._name, args.dataset, self._robot, self._folder, limit_s, args.threads, flags)
            )
        trained = train_student(args.dataset, args.robot, self._folder, limit_s, flags)
        export.main(export.Args(self._folder / "training", self._folder / "policy", args.robot))
        return asdict(trained)

    def time(self) -> Mapping[str, Any]:
        """How long one call takes, and how many weights it has, in a process of its own."""
        make = partial(_timer, self._policy, self._args.calls)
        timings = for_seeds(make, THREADS, min(1, self._args.workers))
        found = {str(threads): (spread, weights) for threads, (spread, weights) in timings}
        return {
            "parameters": next(iter(found.values()))[1],
            "inference": {threads: asdict(spread) for threads, (spread, _) in found.items()},
        }

    def evaluate(self) -> Mapping[str, Any]:
        """Play the scenes; the report lies in `eval`."""
        args = self._args
        evaluation.measure(
            evaluation.Args(
                out=self._folder / "eval",
                policy=self._policy.name,
                tasks=args.tasks,
                splits=args.splits,
                episodes=args.episodes,
                seed=args.seed,
                workers=args.workers,
                replan=REPLAN[self._name],
                robot=args.robot,
            )
        )
        return {}


def _timer(policy: NamedPolicy, calls: int) -> Callable[[int], tuple[Spread, int]]:
    """In a worker: times a policy on a number of threads, preprocessing included."""

    def time_calls(threads: int) -> tuple[Spread, int]:
        loaded = policy(threads)
        observation = example_observation(loaded.contract)
        times_s: list[float] = []
        end_s = time.perf_counter() + LONGEST_S
        while len(times_s) < WARM_UP + calls and (len(times_s) <= WARM_UP or time.perf_counter() < end_s):
            began_s = time.perf_counter()
            loaded.predict(observation)
            times_s.append(time.perf_counter() - began_s)
        return Spread.of(times_s[WARM_UP:]), _weights(policy, loaded)

    return time_calls


def _weights(policy: NamedPolicy, loaded: object) -> int:
    if policy.name.startswith(LEROBOT):
        return int(getattr(loaded, "parameters"))  # noqa: B009  (its class would be an import of torch)
    return sum(read_stored(Path(policy.name) / name).weights for name in GRAPHS)


def _peer(folder: Path, name: str) -> Peer | None:
    """A policy of which everything is known."""
    trained, timed, evaluated = (_read(folder / f"{p}.json") for p in (TRAINED, TIMED, EVALUATED))
    if trained is None or timed is None or evaluated is None:
        return None
    return Peer(
        name=name,
        measured=read_measured(folder / "eval"),
        parameters=timed["parameters"],
        seconds=trained["seconds"],
        step=trained["step"],
        note=trained["note"],
        inference={int(threads): Spread(**found) for threads, found in timed["inference"].items()},
        replan_every_steps=evaluated["asked"]["replan"],
    )


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _facts(args: Args, contract: RobotContract) -> dict[str, str]:
    return {
        "sovereign_robot": __version__,
        "robot": contract.name,
        "dataset": str(args.dataset),
        "training": f"at most {args.train_minutes:g} min of wall time each, start-up included",
        "threads of training": f"ours: processes of one thread each; LeRobot: {args.threads} threads",
        "disturbed actions": "ours does not imitate them; LeRobot cannot tell them and does "
        "(a dataset of `collect --noise 0` has none)",
        "splits": args.splits,
        "seeds": f"{args.seed} .. {args.seed + args.episodes - 1}",
        "modelled latency": "30 ms for every policy, however long it takes",
    }


def _print(args: Args, table: PeerTable, page: Path) -> None:
    if args.json:
        print((args.out / "report.json").read_text(encoding="utf-8"), end="")
        return
    shown = Table(*_turned(table), box=box.SIMPLE)
    rows = list(zip(*[table.cells(peer) for peer in table.peers], strict=True))
    for (head, _), row in list(zip(HEADS, rows, strict=True))[1:]:
        shown.add_row(head, *row)
    for task in table.tasks:
        shown.add_row(task, *(f"{r.successes}/{r.n}" for r in (p.rate_of(task) for p in table.peers)))
    console = Console()
    console.print(shown)
    console.print(f"report: {page}")


def _turned(table: PeerTable) -> Sequence[str]:
    return ["", *(peer.name for peer in table.peers)]
