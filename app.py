"""Murmuration: one process, one port. The server imports this file; every page run executes it.

Imported (`streamlit run app.py` finds `app` by reading the source), it builds the server: the pages, the HTTP and
websocket API under /v1, the scripts of the live parts under /assets. Run by a session, it is the navigation.
"""

from pathlib import Path

import streamlit as st

if __name__ != "__main__":
    import gc
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager
    from threading import Thread

    from starlette.routing import Mount
    from streamlit.runtime.pages_manager import PagesManager

    from engine.api import api
    from engine.experiments.studies import STUDIES
    from engine.live import LIVE
    from pages.parts.assets import asset_routes
    from pages.parts.session import prepare

    # The folder pages/ is ours to navigate: left to itself, Streamlit would answer a new server's first deep link with
    # "page not found" before it has seen st.navigation.
    PagesManager.uses_pages_directory = False

    def warm_up() -> None:
        """Make the first visitor's world quick to open, and spare Streamlit's full collections what will stay."""
        prepare()
        gc.collect()
        gc.freeze()

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        """Prepare beside the first requests; stop the worlds at the end."""
        Thread(target=warm_up, name="warm-up", daemon=True).start()
        yield
        STUDIES.close()
        LIVE.stop()

    app = st.App(__file__, lifespan=lifespan, routes=[Mount("/v1", app=api), Mount("/assets", routes=asset_routes())])
else:
    st.set_page_config(page_title="Murmuration", page_icon="🐦", layout="wide", initial_sidebar_state="collapsed")
    st.logo("pages/parts/logo.svg")
    st.html(Path("pages/parts/page.css"))
    pages = {
        "": [st.Page("pages/start/start.py", title="Start", default=True)],
        "Lab": [
            st.Page("pages/lab/load.py", title="Load lab", url_path="load"),
            st.Page("pages/lab/playground.py", title="Playground", url_path="playground"),
            st.Page("pages/lab/twin.py", title="Live twin", url_path="twin"),
            st.Page("pages/lab/graph.py", title="Graph", url_path="graph"),
            st.Page("pages/lab/inspect.py", title="Inspect", url_path="inspect"),
            st.Page("pages/lab/failures.py", title="Failures", url_path="failures"),
            st.Page("pages/lab/servers.py", title="Real servers", url_path="servers"),
        ],
        "Measure": [
            st.Page("pages/lab/compare.py", title="Compare", url_path="compare"),
            st.Page("pages/lab/sweep.py", title="Sweep", url_path="sweep"),
            st.Page("pages/lab/history.py", title="History", url_path="history"),
        ],
        "Learn": [
            st.Page("pages/learn/lessons.py", title="Lessons", url_path="lessons"),
            st.Page("pages/learn/charts.py", title="Read the chart", url_path="charts"),
            st.Page("pages/learn/capacity.py", title="Capacity", url_path="capacity"),
        ],
        "Practise": [
            st.Page("pages/practise/interview.py", title="Mock interview", url_path="interview"),
            st.Page("pages/practise/estimates.py", title="Estimates", url_path="estimates"),
            st.Page("pages/practise/hunts.py", title="Bug hunts", url_path="hunts"),
            st.Page("pages/practise/drills.py", title="Drills", url_path="drills"),
        ],
    }
    st.navigation(pages, position="top").run()
