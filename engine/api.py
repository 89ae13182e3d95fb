"""The HTTP and websocket API on the live worlds, a Starlette app to be mounted at /v1. The wire: docs/architecture.md.

It is served from the port of the pages and inherits none of their protection, so it refuses what another site's
scripts ask of it: whoever sends an Origin has to come from this very host.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from engine.errors import InvalidInput, MurmurationError, NotAllowed, UnknownName
from engine.live import LIVE, LiveWorld, LiveWorlds, Outbox
from engine.live.commands import perform

log = logging.getLogger(__name__)

MOST_BYTES = 65_536
"""Of one command."""
UNEXPECTED = "Something went wrong inside the server; it is in the log."
GONE_CODE = 4404
"""Close code of a socket whose world does not exist, or no longer."""


def make_api(worlds: LiveWorlds = LIVE) -> Starlette:
    """The app over one registry of worlds."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "worlds": len(worlds)})

    async def series_csv(request: Request) -> Response:
        live = worlds.get(request.path_params["id"])
        text = await run_in_threadpool(live.csv, _side(request))
        name = f"murmuration-{live.config.world}-{live.config.seed}.csv"
        return PlainTextResponse(
            text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    async def do(request: Request) -> Response:
        if not _same_origin(request):
            raise NotAllowed("This request came from another site's page.")
        live = worlds.get(request.path_params["id"])
        command = _parsed(await _body(request))
        return JSONResponse(await run_in_threadpool(perform, live, command))

    async def live(socket: WebSocket) -> None:
        await _serve(worlds, socket)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/worlds/{id}/series.csv", series_csv),
            Route("/worlds/{id}/do", do, methods=["POST"]),
            WebSocketRoute("/worlds/{id}/live", live),
        ],
        exception_handlers={MurmurationError: _refused, Exception: _failed},  # type: ignore[dict-item]
    )


async def _body(request: Request) -> bytes:
    """The request's body, which may not be endless."""
    parts: list[bytes] = []
    async for part in request.stream():
        parts.append(part)
        if sum(map(len, parts)) > MOST_BYTES:
            raise InvalidInput(f"A command has at most {MOST_BYTES:,} bytes.")
    return b"".join(parts)


def _parsed(text: str | bytes) -> Any:
    if len(text) > MOST_BYTES:
        raise InvalidInput(f"A command has at most {MOST_BYTES:,} bytes.")
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidInput("That is not JSON.") from None


def _same_origin(connection: HTTPConnection) -> bool:
    """No Origin is no browser; a browser's must be this host."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()


def _side(connection: HTTPConnection) -> int:
    """Which world of a twin is meant; the world itself says whether there is such a one."""
    text = connection.query_params.get("side", "0")
    if not text.isdecimal():
        raise InvalidInput(f"There is no side {text!r}; sides are numbered from 0.")
    return int(text)


def _error(message: str, do: Any = None) -> dict[str, Any]:
    return {"type": "error", "do": do if isinstance(do, str) else None, "message": message}


async def _refused(_request: Request, error: MurmurationError) -> Response:
    statuses: dict[type, int] = {NotAllowed: 403, UnknownName: 404}
    status = statuses.get(type(error), 400 if isinstance(error, InvalidInput) else 503)
    return JSONResponse(_error(str(error)), status)


async def _failed(_request: Request, _error_: Exception) -> Response:
    return JSONResponse(_error(UNEXPECTED), 500)  # Starlette logs it


# The socket


async def _serve(worlds: LiveWorlds, socket: WebSocket) -> None:
    """One client's socket, from its greeting to its end."""
    if not _same_origin(socket):
        await socket.close(1008)  # before accept: the browser gets a 403
        return
    await socket.accept()
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    box = Outbox(_waker(loop, ready))
    try:
        live = worlds.get(socket.path_params["id"])
        await run_in_threadpool(live.subscribe, box, _side(socket))
    except MurmurationError as error:
        await _end(socket, str(error))
        return
    try:
        async with anyio.create_task_group() as both:

            async def until_the_end(part: Callable[[], Awaitable[None]]) -> None:
                try:
                    await part()
                except (WebSocketDisconnect, WebSocketDisconnected):  # the latter: an answer was under way
                    log.debug("A client left while being sent to")
                except Exception:
                    log.exception("A live socket failed")
                both.cancel_scope.cancel()

            both.start_soon(until_the_end, partial(_write, socket, box, ready))
            both.start_soon(until_the_end, partial(_read, socket, live, box))
    finally:
        live.unsubscribe(box)


def _waker(loop: asyncio.AbstractEventLoop, ready: asyncio.Event) -> Callable[[], None]:
    """Tells a client's loop, from the scheduler's thread, that something waits."""

    def wake() -> None:
        try:
            loop.call_soon_threadsafe(ready.set)
        except RuntimeError:  # the loop has ended before its world
            log.debug("A client's loop is closed")

    return wake


async def _write(socket: WebSocket, box: Outbox, ready: asyncio.Event) -> None:
    """Send what waits, until the world is gone. A slow client blocks here, and its box overflows and starts anew."""
    while True:
        await ready.wait()
        ready.clear()
        for message in box.take():
            await (socket.send_bytes(message) if isinstance(message, bytes) else socket.send_text(message))
        if box.closed is not None:
            await _end(socket, box.closed)
            return


async def _read(socket: WebSocket, live: LiveWorld, box: Outbox) -> None:
    """Carry out commands one after another, and answer each."""
    while True:
        received = await socket.receive()
        if received["type"] == "websocket.disconnect":
            return
        text = received.get("text")
        await socket.send_json(await _answer(live, box, text if text is not None else received.get("bytes", b"")))


async def _answer(live: LiveWorld, box: Outbox, text: str | bytes) -> dict[str, Any]:
    do = None
    try:
        command = _parsed(text)
        do = command.get("do") if isinstance(command, dict) else None
        return await run_in_threadpool(perform, live, command, box)
    except MurmurationError as error:
        return _error(str(error), do)
    except Exception:
        log.exception("The command %r failed", do)
        return _error(UNEXPECTED, do)


async def _end(socket: WebSocket, message: str) -> None:
    """Say why, and close."""
    await socket.send_json(_error(message))
    await socket.close(GONE_CODE)


api = make_api()
