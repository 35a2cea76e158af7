import subprocess
import sys
from pathlib import Path

import pytest
from rerun.chunk import RrdReader

from sovereign_robot.cli.dataset_view import Args, main
from sovereign_robot.contract.errors import DatasetError, OutputError, RenderError, UsageError
from tests.datasets.collected import write_collected


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    return write_collected(tmp_path_factory.mktemp("collected") / "dataset")


@pytest.fixture
def no_display(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


def test_the_page_is_written_and_named(collected, tmp_path, capsys):
    assert main(Args(collected, tmp_path / "view", episodes=1)) == 0

    page = (tmp_path / "view" / "contact_sheet.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == 2
    out = "".join(capsys.readouterr().out.split())
    assert f"{tmp_path}/view/contact_sheet.html" in out
    assert "2of6" in out
    assert not (tmp_path / "view" / "episodes.rrd").exists()


def test_the_dataset_itself_is_left_as_it_is(collected, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in collected.rglob("*")}
    main(Args(collected, tmp_path / "view"))
    assert {p: p.stat().st_mtime_ns for p in collected.rglob("*")} == before


def test_without_a_display_the_recording_is_written_and_not_opened(collected, tmp_path, capsys, no_display):
    assert main(Args(collected, tmp_path / "view", rerun=True)) == 0

    assert RrdReader(tmp_path / "view" / "episodes.rrd").recordings()
    assert "nodisplayhere" in "".join(capsys.readouterr().out.split())


def test_a_viewer_that_cannot_open_names_the_file_to_take_elsewhere(
    collected, tmp_path, monkeypatch, no_display
):
    monkeypatch.setenv("DISPLAY", ":987")
    with pytest.raises(RenderError, match=r"rerun viewer ended with status 1: open .*episodes\.rrd with"):
        main(Args(collected, tmp_path / "view", episodes=1, rerun=True))


def test_without_rerun_one_sentence_says_how_to_get_it_and_nothing_is_written(collected, tmp_path):
    code = (
        "import sys; sys.modules['rerun'] = None; from sovereign_robot.cli.main import main; "
        f"sys.exit(main(['dataset', 'view', {str(collected)!r}, '--out', 'view', '--rerun']))"
    )
    root = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r}); {code}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=240,
    )
    assert run.returncode == 2
    assert "rerun is missing: install it with `pip install -e '.[viz]'" in run.stderr
    assert run.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_bad_input_is_refused_before_anything_is_written(collected, tmp_path):
    with pytest.raises(UsageError, match="--episodes 0: expected at least 1"):
        main(Args(collected, tmp_path / "view", episodes=0))
    with pytest.raises(DatasetError, match="does not exist: make one with"):
        main(Args(tmp_path / "nowhere", tmp_path / "view"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("mine")
    with pytest.raises(OutputError, match="holds something"):
        main(Args(collected, tmp_path / "mine"))
    assert not (tmp_path / "view").exists()
