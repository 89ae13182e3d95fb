"""What a load makes people do: the recording, and the rates that it is drawn with."""

import numpy as np

from datasets.population import Population
from engine.config import LoadConfig, WorldConfig
from engine.domain import F64
from engine.graph.measures import posting_weights
from engine.load.audience import Audience
from engine.load.recording import Load
from engine.load.scenarios import Scenario
from engine.write_path.strategies import Rates


def load_of(config: WorldConfig, population: Population, opening: Scenario) -> Load:
    """What arrives in a world of these people by itself; what its strategy is does not matter."""
    return Load(_audience(population), config.load, config.seed, opening)


def _audience(population: Population) -> Audience:
    return Audience(
        graph=population.graph,
        author_weight=population.author_weight,
        reader_weight=population.reader_weight,
        away=population.away,
        largest=population.largest,
        users=population.users,
    )


def expected_rates(population: Population, load: LoadConfig) -> Rates:
    """Posts and openings of home of each person per virtual second, without what scenarios add."""
    posting = population.author_weight * posting_weights(population.graph.follower_counts, load.author_exponent)
    return Rates(load.posts_per_s * _shares(posting), load.reads_per_s * reading_shares(population, load))


def reading_shares(population: Population, load: LoadConfig) -> F64:
    """Which part of all openings of home is each person's, shape (users,); those who are away return now and then."""
    shares = _shares(population.reader_weight)
    if len(population.away) == 0:
        return shares
    shares *= 1 - load.return_share
    shares[population.away] += load.return_share / len(population.away)
    return shares


def _shares(weight: F64) -> F64:
    total = weight.sum()
    return weight / total if total else np.zeros(len(weight))
