"""The scripts that the live elements load: this project's own modules, and Plotly.js out of the plotly wheel."""

from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

PARTS = Path(__file__).parent


def asset_routes() -> list[Route | Mount]:
    """Routes below /assets, one for each folder of scripts. Nothing is vendored, nothing fetched from another host."""
    folders = sorted(path.parent for path in PARTS.glob("*/*.js"))
    mounts = {folder.name: Mount(f"/{folder.name}", app=StaticFiles(directory=folder)) for folder in folders}
    return [Route("/plotly.min.js", _plotly), *mounts.values()]


async def _plotly(_request: Request) -> FileResponse:
    script = Path(str(files("plotly") / "package_data" / "plotly.min.js"))
    return FileResponse(script, media_type="text/javascript", headers={"cache-control": "max-age=86400"})
