"""The SQL console's engine: learners' queries over the run history, each in its own limited process."""

from engine.experiments.console.ask import GATE, Answer, Gate, Limits, ask
from engine.experiments.console.queries import READY, ReadyQuery, ready_query
from engine.experiments.console.tables import TABLES, Column, LearnerTable

__all__ = [
    "GATE",
    "READY",
    "TABLES",
    "Answer",
    "Column",
    "Gate",
    "LearnerTable",
    "Limits",
    "ReadyQuery",
    "ask",
    "ready_query",
]
