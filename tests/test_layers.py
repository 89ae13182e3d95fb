"""Imports point one way: pages -> the engine's facade; inside the engine from the world down to plain words."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

LAYERS = (
    ("engine.domain", "engine.errors"),
    (
        "engine.clock", "engine.config", "engine.ids", "engine.cores", "engine.ordering", "engine.frozen",
        "engine.memory", "engine.faults.fault", "engine.faults.kinds",
    ),
    (
        "engine.graph", "engine.posts", "engine.timelines", "engine.caches", "engine.queueing", "engine.observe",
        "engine.load", "engine.guard", "engine.journal", "engine.write_path.strategies",
    ),
    ("engine.tables", "engine.edges", "datasets"),
    ("engine.write_path", "engine.read_path", "engine.observe.job_log"),
    (
        "engine.gateway", "engine.history", "engine.expected", "engine.views",
        "engine.observe.recorder", "engine.observe.audit", "engine.observe.notes", "engine.observe.sight",
    ),
    (
        "engine.world", "engine.steering", "engine.faults", "engine.observe.inspect", "engine.observe.stations",
        "engine.observe.case", "engine.observe.why", "engine.observe.life",
    ),
    ("engine.reader",),
    ("engine.people",),
    ("engine.requests",),
    ("engine.reopen",),
    ("engine", "engine.experiments", "engine.own_strategy", "engine.live", "engine.api", "engine.__main__"),
)  # fmt: skip
"""Lowest first. A module belongs to the longest name that fits; it imports from its own layer and those below."""
STORES = LAYERS[2]
"""These do not know each other."""
FACADE = {"engine", "engine.live", "engine.live.explorer", "engine.api", "engine.config", "engine.errors"}
FACADE |= {"engine.live.inspection", "engine.own_strategy", "engine.experiments.studies"}
FACADE |= {
    "engine.experiments.history",
    "engine.experiments.console",
    "engine.experiments.report",
    "engine.experiments.stories",
}
FACADE |= {"engine.experiments.history.overlay", "engine.experiments.console.ask"}  # functions named as their modules
FACADE |= {"engine.faults", "engine.experiments.stories.tell", "engine.experiments.stories.grade"}
FACADE |= {"engine.cluster.room"}
FACADE |= {"engine.observe.metric", "engine.observe.words", "engine.observe.derived"}
"""All that pages may import of the engine: what it does, and the words for it."""
ONLY_IN = {
    "time": "engine.clock",
    "random": "nowhere",
    "streamlit": "nowhere",
    "plotly": "nowhere",
    "redis": "engine.timelines",
    "fakeredis": "engine.timelines",
    "sqlite3": "engine.journal",
    "duckdb": "engine.experiments",
    "jinja2": "engine.experiments.report",
    "matplotlib": "engine.experiments.report",
}
"""Where in the engine a module from outside may be imported."""


def test_the_engine_imports_from_the_same_layer_or_below():
    upwards = [
        f"{module} -> {imported}"
        for module, imported in imports_of("engine", "datasets")
        if imported.startswith(("engine", "datasets")) and layer(imported)[0] > layer(module)[0]
    ]
    assert upwards == []


def test_the_stores_do_not_know_each_other():
    sideways = [
        f"{module} -> {imported}"
        for module, imported in imports_of("engine")
        if {layer(module)[1], layer(imported)[1]} <= set(STORES) and layer(module)[1] != layer(imported)[1]
    ]
    assert sideways == []


def test_what_comes_from_outside_stays_in_its_place():
    misplaced = [
        f"{module} -> {imported}"
        for module, imported in imports_of("engine", "datasets")
        if not inside(module, ONLY_IN.get(imported.partition(".")[0], module))
    ]
    assert misplaced == []


def test_pages_see_the_facade_of_the_engine_only():
    behind = [
        f"{module} -> {imported}"
        for module, imported in [*imports_of("pages"), *imports_of("app.py")]
        if inside(imported, "engine") and imported not in FACADE
    ]
    assert behind == []


def test_lessons_stand_between_the_engine_and_the_pages():
    below = [f"{m} -> {i}" for m, i in imports_of("engine", "datasets") if i.startswith(("lessons", "pages"))]
    drawn = ("streamlit", "plotly", "pages", "app")
    beside = [f"{m} -> {i}" for m, i in imports_of("lessons") if i.partition(".")[0] in drawn]
    assert below + beside == []


def test_no_part_of_the_engine_knows_of_planted_defects():
    known = [f"{m} -> {i}" for m, i in imports_of("engine", "datasets", "pages") if inside(i, "engine.defects")]
    assert [line for line in known if not line.startswith("engine.defects")] == []


def test_the_layers_name_modules_that_exist():
    for name in (name for names in LAYERS for name in names):
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").exists(), name


def layer(module: str) -> tuple[int, str]:
    """The number of a module's layer, and the name there that it fits; (-1, "") for what is not ours."""
    fits = [(len(name), number, name) for number, names in enumerate(LAYERS) for name in names if inside(module, name)]
    _, number, name = max(fits, default=(0, -1, ""))
    return number, name


def inside(module: str, package: str) -> bool:
    """Whether a module is a package, or lies in it."""
    return module == package or module.startswith(f"{package}.")


def imports_of(*places: str) -> Iterator[tuple[str, str]]:
    """(module, imported module) of every import statement, also of those inside functions; not those for types only."""
    for place in places:
        for path in sorted((ROOT / place).rglob("*.py") if (ROOT / place).is_dir() else [ROOT / place]):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            for node in executed(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    yield from ((module, alias.name) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    for alias in node.names:
                        yield module, submodule(node.module, alias.name)


def submodule(package: str, name: str) -> str:
    """What `from package import name` imports: a module of that package, or something in it."""
    path = ROOT / package.replace(".", "/") / name
    return f"{package}.{name}" if path.with_suffix(".py").exists() or path.is_dir() else package


def executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from executed(node)
