import sys
from pathlib import Path

import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.nodes.flame_graph import flame_graphs, require_py_spy

# Draws when it is interrupted, as py-spy does; of process 2 nothing.
SPY = """#!{python}
import signal, sys
from pathlib import Path

words = sys.argv[1:]
out, pid = words[words.index("--output") + 1], words[words.index("--pid") + 1]
Path(out + ".watching").touch()
signal.sigwait([signal.SIGINT])
if pid != "2":
    Path(out).write_text(" ".join(words))
"""


@pytest.fixture
def spy(tmp_path: Path) -> str:
    path = tmp_path / "py-spy"
    path.write_text(SPY.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_what_could_be_drawn_is_there_when_the_block_ends(spy: str, tmp_path: Path):
    (tmp_path / "flame-dead.svg").touch()
    with flame_graphs(spy, {"sim_node": 1, "dead": 2}, tmp_path) as drawn:
        while len(list(tmp_path.glob("*.watching"))) < 2:
            pass
        assert drawn == []
    assert drawn == [tmp_path / "flame-sim_node.svg"]
    assert "record --format flamegraph" in drawn[0].read_text(encoding="utf-8")


def test_without_processes_nothing_is_started(tmp_path: Path):
    with flame_graphs("", {}, tmp_path) as drawn:
        pass
    assert drawn == []


def test_a_machine_without_py_spy_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UsageError, match="py-spy is missing: install it with `pip install"):
        require_py_spy()


def test_py_spy_is_found_on_the_path(spy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere" / "python"))
    assert require_py_spy() == spy
