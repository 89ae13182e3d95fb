"""The table of datasets/README.md is what the command prints."""

from pathlib import Path

from datasets import measure
from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"


def test_the_generated_worlds_in_the_readme_are_measured(capsys):
    measure.main([])
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 4
    readme = (ROOT / "datasets" / "README.md").read_text()
    assert [line for line in printed if line not in readme] == []


def test_the_real_graphs_in_the_readme_are_measured(capsys, monkeypatch):
    if not (SHARED / "graphs").is_dir():
        missing(f"the real graphs are not at {SHARED}")
    monkeypatch.setattr(measure, "WORLDS", {})
    measure.main([str(SHARED)])
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 5
    readme = (ROOT / "datasets" / "README.md").read_text()
    assert [line for line in printed if line not in readme] == []
