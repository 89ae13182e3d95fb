"""An earlier instant as it is told to whoever looks back: dots, counts, words and the charts' numbers, all of then."""

from typing import Any

from engine.clock import NS_PER_S
from engine.live import lines
from engine.live.dots import BAND_NAMES, Bands
from engine.live.reel import Moment
from engine.live.run import Run
from engine.live.series import to_wire
from engine.observe import words
from engine.observe.metrics import SLOT_NS


def past_picture(run: Run, moment: Moment) -> dict[str, Any]:
    """The message `past`: a tick's parts by their names, "values" by the series' keys, "verdict" if there was one."""
    t_s = moment.at_ns / NS_PER_S
    run.catch_up()
    points = to_wire(run.series.between(t_s - SLOT_NS / NS_PER_S / 2, t_s))
    late = sum(moment.counts[name] for name in BAND_NAMES[2:])
    furthest = words.seconds(moment.furthest_ns / NS_PER_S, digits=3)
    picture = {
        "type": "past",
        "t": t_s,
        "clock": words.clock(t_s),
        "text": lines.behind_line(late, sum(moment.counts.values()), moment.slo_ms / 1000, furthest, ""),
        "bands": moment.counts,
        "table": lines.behind_table(moment.counts, Bands(moment.slo_ms)),
        "values": {key: column[-1] for key, column in points.items() if column},
    }
    return picture if moment.verdict is None else picture | {"verdict": moment.verdict}
