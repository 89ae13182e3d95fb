"""The live twin's element and what it is given: the strategies, the workers' field, the pair of charts."""

from typing import Any

from engine.live import LiveWorld
from engine.observe.metric import Metric
from pages.parts.element import live_element
from pages.parts.knob_form import knob_form

CHARTS: list[dict[str, Any]] = [
    {
        "id": "lag",
        "title": "Visible lag p99",
        "unit": "s",
        "slo": "lag",
        "scale": 0.001,
        "keys": ["visible_p99", "lag_oldest"],
        "text": f"{Metric.VISIBLE_LAG.text} Over 2 s; where an older copy still waits, the line is its age.",
    },
    {
        "id": "home",
        "title": "Home read p99",
        "unit": "ms",
        "slo": "home",
        "scale": 1,
        "keys": ["home_p99"],
        "text": f"{Metric.HOME_LATENCY.text} Over 10 s.",
    },
]
"""One plot each, with a line of either side; `keys`: series of the wire, of several the largest is drawn."""


def live_twin(live: LiveWorld) -> None:
    """Draw both sides of a twin."""
    form = knob_form()
    offered = {
        "strategies": form["strategies"],
        "workers": next(f for f in form["always"] if f["name"] == "workers.count"),
    }
    live_element("twin", {"world": live.id, "form": offered, "charts": CHARTS})
