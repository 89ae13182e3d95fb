"""What a run was made with besides its settings: files by name, hash and place. The place is for this machine only."""

import hashlib
from pathlib import Path

from engine.errors import InvalidInput
from engine.experiments.history.rows import Json
from engine.experiments.run import RunRequest
from engine.write_path.strategies.own import own_spec


def inputs_of(request: RunRequest) -> Json:
    """Graph and trace file by name, hash and place, and the price list; plain values.

    Raises:
        InvalidInput: a file that cannot be read.
    """
    given: Json = {}
    for kind, path in (("graph", request.graph), ("trace", request.trace)):
        if path is not None:
            given[kind] = file_given(path)
    if request.prices is not None:
        given["prices"] = {"name": request.prices.name, "date": request.prices.date, "list": request.prices.to_json()}
    return given


def file_given(path: Path) -> Json:
    """A file; `place`: as it was named."""
    return {"name": path.name, "sha256": sha256_of(path), "place": str(path)}


def own_code(config: Json) -> Json:
    """The file of somebody's own strategy, under "strategy"; {} where the strategy is one of the program's."""
    spec = own_spec(str(config.get("strategy")))
    return {"strategy": file_given(Path(spec.file))} if spec else {}


def without_place(config: Json) -> Json:
    """Settings in which somebody's own strategy is named by its file's bare name."""
    spec = own_spec(str(config.get("strategy")))
    return {**config, "strategy": f"{Path(spec.file).name}:{spec.name}"} if spec else config


def sha256_of(path: Path) -> str:
    """Of a file, in hexadecimal digits.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read: {error.strerror or error}.") from error
