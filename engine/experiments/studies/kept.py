"""Studies in the run history: kept when they are over if that was asked for, and opened again by their address.

What is kept is what the command line keeps, and besides what it takes to say it all again: the request, and of each run
what a page counts with.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets.worlds import preset_config
from engine.config import KNOBS
from engine.errors import InvalidInput, UnknownStudy
from engine.experiments.compare import CompareRequest
from engine.experiments.grid import Axis, unit_of
from engine.experiments.place import history_path
from engine.experiments.replicate import Played, Replications, Variant
from engine.experiments.run import Json, RunRequest
from engine.experiments.studies.own import OwnCode, OwnComparison
from engine.experiments.studies.study import Request, Study, designs_of, found_in
from engine.experiments.sweep import SweepRequest
from engine.own_strategy import OwnCodePolicy

if TYPE_CHECKING:
    from engine.experiments.history import RunHistory

_TOLD = "page_study"
"""In what is kept: what a page says it again from."""
_NOWHERE = OwnCodePolicy(shared=True)
"""To say again what somebody's code did, it is not run."""


class InHistory:
    """The keeper of a server's studies. `path`: says where the history is."""

    def __init__(self, path: Callable[[], Path] = history_path) -> None:
        self._path = path

    def keep(self, study: Study) -> int:
        """As `compare --keep` and `sweep --keep`, under the study's id as its address.

        Raises:
            HistoryError: the file cannot be written.
        """
        from engine.experiments.history import inputs_of

        request, played = study.request, study.played
        assert played is not None
        found = found_in(request, played)
        kind = "comparison" if isinstance(request, CompareRequest) else "sweep"
        told = {"request": _request_json(request), "runs": _runs_json(played)}
        result = {**found.to_json(), _TOLD: told}
        return self._history().keep_study(kind, result, found.runs, inputs_of(request.run), address=study.id)

    def opened(self, address: str, now_s: float) -> Study | None:
        """A kept study, as it ended; None where none is kept under this address.

        Raises:
            UnknownStudy: it was kept by the command line or by another version.
        """
        if not self._path().exists():
            return None
        history = self._history()
        kept = history.study_at(address)
        if kept is None:
            return None
        result, _ = history.study(kept.study_id)
        if _TOLD not in result:
            raise UnknownStudy(
                f"Study {kept.study_id} was kept by the command line: its table, runs and report are on the page "
                "History."
            )
        try:
            request = _request_in(result[_TOLD]["request"])
            played = _played_in(request, result[_TOLD]["runs"])
            return Study.ended(address, request, played, kept.study_id, now_s)
        except (InvalidInput, KeyError, TypeError, ValueError, IndexError):
            raise UnknownStudy(
                f"Study {kept.study_id} was kept by another version, which this page cannot show: its table and report "
                "are on the page History."
            ) from None

    def _history(self) -> "RunHistory":
        from engine.experiments.history import RunHistory  # a database: only for who keeps something

        return RunHistory(self._path())


def _request_json(request: Request) -> Json:
    run = request.run
    config, preset = run.config, preset_config(run.config.world)
    told: Json = {
        "world": config.world,
        "knobs": {name: config.knob(name) for name in KNOBS if config.knob(name) != preset.knob(name)},
        "scenario": run.scenario,
        "seconds": run.seconds,
        "seed": config.seed,
        "strategies": list(request.strategies),
        "replications": request.replications,
    }
    if isinstance(request, SweepRequest):
        axes = [[axis.name, list(axis.values)] for axis in request.vary]
        told |= {"vary": axes, "measure": request.measure, "keep_promises": request.keep_promises}
    if isinstance(request, OwnComparison):
        told["code"] = {"source": request.code.source, "name": request.code.name}
    return told


def _request_in(told: Json) -> Request:
    config = preset_config(told["world"]).with_knobs({**told["knobs"], "seed": told["seed"]})
    same: dict[str, Any] = {
        "run": RunRequest(config=config, scenario=told["scenario"], seconds=told["seconds"]),
        "strategies": tuple(told["strategies"]),
        "replications": told["replications"],
    }
    if "vary" in told:
        axes = tuple(Axis(name, tuple(values), unit_of(name)) for name, values in told["vary"])
        return SweepRequest(**same, vary=axes, measure=told["measure"], keep_promises=told["keep_promises"])
    if "code" in told:
        return OwnComparison(**same, code=OwnCode(**told["code"], policy=_NOWHERE))
    return CompareRequest(**same)


def _runs_json(played: Replications) -> list[Json]:
    return [
        {
            "variant": number, "replication": one.replication, "seed": one.seed, "figures": one.figures,
            "digest": one.report["load"]["digest"], "slo": one.report["slo"], "cost": one.report["cost"],
        }
        for number in range(len(played.variants))
        for one in played.of(number)
    ]  # fmt: skip


def _played_in(request: Request, runs: list[Json]) -> Replications:
    own = isinstance(request, OwnComparison)
    variants = [Variant(spec, request.run) for spec in request.strategies] if own else designs_of(request)
    played = Replications(variants, request.replications, played=[{} for _ in variants])
    for run in runs:
        report = {"load": {"digest": run["digest"]}, "slo": run["slo"], "cost": run["cost"]}
        one = Played(run["variant"], run["replication"], run["seed"], report, run["figures"], {})
        played.played[one.variant][one.replication] = one
    found_in(request, played)  # what cannot be said is noticed here
    return played
