"""The scripts that the live parts load: this project's own modules, and Plotly.js out of the plotly wheel."""

from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

LAB = Path(__file__).parent / "lab"


def asset_routes() -> list[Route | Mount]:
    """Routes below /assets. Nothing is vendored, and nothing is fetched from another host."""
    return [Route("/plotly.min.js", _plotly), Mount("/lab", app=StaticFiles(directory=LAB))]


async def _plotly(_request: Request) -> FileResponse:
    script = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
    return FileResponse(script, media_type="text/javascript", headers={"cache-control": "max-age=86400"})
