"""The scripts of the live parts: small, complete, and fetched from nowhere but this server."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from engine.live.series import KEYS
from pages.parts.assets import asset_routes
from pages.parts.chart_list import MAIN, MORE

PARTS = Path(__file__).parents[2] / "pages" / "parts"
FILES = sorted(path for path in PARTS.glob("*/*") if path.suffix in {".js", ".css", ".html"})
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
ELSEWHERE = re.compile(r"https?://(?!www\.w3\.org/)|@import|url\(")


def short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_script_is_short_and_asks_no_other_host(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 300
    assert not ELSEWHERE.search(text)


@pytest.mark.parametrize("path", SCRIPTS, ids=short)
def test_what_a_script_imports_is_there_and_exported(path: Path) -> None:
    for names, source in re.findall(r"import \{([^}]*)\} from \"(\.[^\"]+)\"", path.read_text()):
        exported = (path.parent / source).read_text()
        for name in filter(None, (part.strip() for part in names.split(","))):
            assert re.search(rf"export (async )?(function|const|class) {name}\b", exported), f"{name} of {source}"


def test_every_chart_draws_series_of_the_wire() -> None:
    drawn = {key for chart in [*MAIN, *MORE] for line in chart["series"] for key in line["keys"]}
    assert drawn == set(KEYS) - {"t"}
    assert all(chart["text"] and chart["unit"] for chart in [*MAIN, *MORE])


def test_the_assets_are_served_and_nothing_beside_them() -> None:
    client = TestClient(Starlette(routes=[Mount("/assets", routes=asset_routes())]))
    assert "plotly.js v" in client.get("/assets/plotly.min.js").text[:2_000]
    assert client.get("/assets/lab/main.js").headers["content-type"].startswith(("text/javascript", "application/java"))
    assert client.get("/assets/lab/../live_lab.py").status_code == 404
    assert client.get("/assets/lab/%2e%2e/live_lab.py").status_code == 404
    assert client.get("/assets/lab/nothing.js").status_code == 404
