"""A world of 300 people, five of whom many follow: a run of one second takes a few hundredths of a second."""

from pathlib import Path
from tempfile import TemporaryDirectory

from datasets.worlds import preset_config
from engine.experiments.run import RunRequest

_PEOPLE, _FOLDER = 300, TemporaryDirectory()
GRAPH = Path(_FOLDER.name, "small.csv")
_LINKS = {(a, b) for a in range(_PEOPLE) for b in (a * 7 % 50, a % 5, *((3 * a + k) % _PEOPLE for k in range(1, 12)))}
GRAPH.write_text("follower,followee\n" + "".join(f"{a},{b}\n" for a, b in sorted(_LINKS)))


def small(seconds: int = 1, **knobs) -> RunRequest:
    """A celebrity among the 300, under the classroom's load and prices."""
    config = preset_config("classroom", **knobs)
    return RunRequest(config=config, scenario="celebrity", seconds=seconds, graph=GRAPH)
