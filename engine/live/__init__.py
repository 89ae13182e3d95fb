"""Live worlds: paced against the wall clock, shared safely between sessions, shown over sockets.

    live = LIVE.open(preset_config("classroom"))
    live.inject("celebrity")
    live.subscribe(Outbox(notify))

Read in this order: worlds (the registry), scheduler (the one thread), stage (a world run and shown), picture and dots
(what is sent). `LIVE` is a module's variable and therefore one per process: Streamlit's file watcher, which would make
a second one after an edit, is off (.streamlit/config.toml).
"""

from pathlib import Path

from engine.live.hub import Outbox
from engine.live.links import Experiment, experiment_in
from engine.live.world import LiveWorld
from engine.live.worlds import LiveWorlds

LIVE = LiveWorlds(max_worlds=24, folder=Path("var", "worlds"))

__all__ = ["LIVE", "Experiment", "LiveWorld", "LiveWorlds", "Outbox", "experiment_in"]
