"""The tables of datasets/README.md are what the command prints."""

import pytest

from datasets import measure
from datasets.likeness import LIKENESSES
from datasets.worlds import WORLDS
from tests.conftest import missing
from tests.datasets.readme import README, SHARED

HEADINGS = 4 * 2


def printed(capsys, *arguments: str) -> list[str]:
    measure.main(list(arguments))
    return [line for line in capsys.readouterr().out.splitlines() if line]


@pytest.mark.parametrize("kept", [False, pytest.param(True, marks=pytest.mark.long)])
def test_what_is_generated_in_the_readme_is_measured(capsys, monkeypatch, kept):
    worlds = {slug: world for slug, world in WORLDS.items() if (world.memory_gb > 0) == kept}
    assert worlds
    monkeypatch.setattr(measure, "WORLDS", worlds)
    lines = printed(capsys)
    assert len(lines) == HEADINGS + len(worlds) + len(LIKENESSES) + 4 + 2 * 2
    readme = README.read_text().splitlines()
    assert [line for line in lines if line not in readme] == []


@pytest.mark.parametrize(("kind", "rows"), [("graphs", 3), ("cascades", 4 + 16), ("volumes", 2 * 4)])
def test_what_is_real_in_the_readme_is_measured(capsys, monkeypatch, tmp_path, kind, rows):
    if not (SHARED / kind).is_dir():
        missing(f"the real {kind} are not at {SHARED}")
    monkeypatch.setattr(measure, "WORLDS", {})
    monkeypatch.setattr(measure, "DRAWN_CASCADES", 8)
    (tmp_path / kind).symlink_to(SHARED / kind)
    lines = [line for line in printed(capsys, str(tmp_path)) if "drawn" not in line]
    assert len(lines) == HEADINGS + len(LIKENESSES) + 2 * 2 + rows
    readme = README.read_text().splitlines()
    assert [line for line in lines if line not in readme] == []
