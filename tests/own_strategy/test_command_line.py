"""`--strategy my.py:Mine`: checked, then measured on the load that every strategy gets; and a template for it."""

import json

import pytest

from engine.__main__ import main
from engine.errors import UnknownName
from engine.live.links import experiment_in
from engine.own_strategy import TEMPLATE


@pytest.mark.long  # what it does is tested below the command line in test_hostile
def test_the_template_that_is_printed_is_checked_and_measured(capsys, tmp_path):
    assert main(["strategies", "--template"]) == 0
    file = tmp_path / "my.py"
    file.write_text(capsys.readouterr().out)
    assert file.read_text() == TEMPLATE
    command = ["run", "--seconds", "2", "--scenario", "celebrity", "--json", "--strategy"]
    assert main([*command, f"{file}:Mine"]) == 0
    mine = capsys.readouterr()
    assert f"{file}:Mine: The law holds in 10 random histories" in mine.err
    assert main([*command, "push"]) == 0
    push = json.loads(capsys.readouterr().out)
    report = json.loads(mine.out)
    assert report["load"] == push["load"]
    assert report["config"]["strategy"] == f"{file}:Mine"
    assert report["audit"]["missing"] == 0


def test_one_that_breaks_the_law_is_not_measured(capsys, tmp_path):
    file = tmp_path / "my.py"
    file.write_text(TEMPLATE.replace("< 200", "< 3") + "\n    def pulls(self, last, floor):\n        return last < 0\n")
    assert main(["run", "--seconds", "2", "--strategy", f"{file}:Mine"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("error: Rule 4: person ")


def test_a_file_that_is_not_there_is_named(capsys, tmp_path):
    assert main(["run", "--strategy", f"{tmp_path}/no.py:Mine"]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}/no.py cannot be read: No such file or directory.\n"


def test_a_link_cannot_name_a_file(tmp_path):
    file = tmp_path / "my.py"
    file.write_text("raise SystemExit('ran')")
    with pytest.raises(UnknownName):
        experiment_in({"world": "classroom", "strategy": f"{file}:Mine"})
