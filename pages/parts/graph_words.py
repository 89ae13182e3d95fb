"""The Graph explorer in sentences and tables."""

from collections.abc import Callable
from typing import Any

from engine.live.explorer import TAIL_FROM, Around, Bill, Celebrities, Effect, Overview, Rule
from engine.observe import words

Row = dict[str, Any]
Name = Callable[[int], str]

RELATIONS = {
    (True, True): "Each follows the other",
    (True, False): "Is followed by {name}",
    (False, True): "Follows {name}",
    (False, False): "",
}
"""(does the person follow them, do they follow the person) -> what the neighbour does."""
_TABLE_AT = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


def headline(seen: Overview, name: Name) -> str:
    """The whole graph in one sentence."""
    shared = seen.distribution
    if not shared.links:
        return f"{words.count(shared.users)} people live here, and nobody follows anybody yet."
    top = f"the most followed 1 % ({_many(shared.top_accounts, 'account')})"
    largest = words.count(int(seen.counts[seen.largest]))
    return (
        f"{words.count(shared.users)} people, {words.count(shared.links)} follows: {top} get "
        f"**{words.share(shared.top_share)}** of them, @{name(seen.largest)} alone {largest}, "
        f"while half of all accounts have {words.exactly(shared.median)} followers or fewer."
    )


def instant_line(seen: Overview) -> str:
    """When this was measured."""
    return (
        f"Measured at {words.clock(seen.now_s)} in the world, which runs on: its load makes and ends follows too. "
        "Any click measures again."
    )


def nobody_line(text: str, users: int) -> str:
    """For a search without an answer."""
    shown = text if len(text) <= 40 else f"{text[:40]}..."
    return f"Nobody here is called {shown!r}; type a name, an @name or a number from 0 to {users - 1:,}."


def person_line(seen: Around, users: int) -> str:
    """Where one person stands, and what a post of theirs would cost now."""
    person = seen.standing
    place = "the most followed" if person.rank == 1 else f"number {words.count(person.rank)} by followers"
    return f"@{seen.names[person.user]} is {place} of {words.count(users)}. {bill_line(seen.bill)}"


def bill_line(bill: Bill) -> str:
    """What one post costs now."""
    if bill.pulled:
        return (
            f"A post of theirs costs no copies now: {_many(bill.followers, 'follower')} fetch it when they open home."
        )
    return f"A post of theirs costs {_copies(bill)} now."


def effect_line(effect: Effect, name: str) -> str:
    """What follows did: followers and bill before and after, and which side of the threshold this is."""
    before, after = effect.before, effect.after
    if not effect.changed:
        return f"Nothing changed: @{name} has {_many(after.followers, 'follower')}."
    said = [f"@{name} has {_many(after.followers, 'follower')} instead of {words.count(before.followers)}."]
    if after.pulled:
        instead = "" if before.pulled else f" instead of {_copies(before)}"
        said.append(f"Under {effect.rule.strategy} a post of theirs costs no copies{instead}; the followers fetch it.")
    else:
        instead = "none" if before.pulled else words.count(before.copies)
        said.append(f"Under {effect.rule.strategy} a post of theirs costs {_copies(after)} instead of {instead}.")
    said.append(_side(before.followers, after.followers, effect.rule))
    return " ".join(said)


def _side(before: int, after: int, rule: Rule) -> str:
    line = words.count(rule.threshold)
    over, was_over = after >= rule.threshold, before >= rule.threshold
    if over == was_over:
        return f"That is {'over' if over else 'below'} the hybrid threshold of {line}, as before."
    if over:
        consequence = "" if rule.hybrid else "; hybrid would leave such posts to the readers"
        return f"They crossed the hybrid threshold of {line}{consequence}."
    return f"They fell below the hybrid threshold of {line}."


def threshold_line(at: Celebrities, seen: Overview) -> str:
    """Who would be a celebrity at one threshold."""
    if not at.accounts:
        return f"Nobody has {words.count(at.threshold)} followers: at this threshold hybrid is the same as push."
    who = "1 account has" if at.accounts == 1 else f"{words.count(at.accounts)} accounts have"
    told = (
        f" {words.count(at.silent)} of them {'posts' if at.silent == 1 else 'post'} only when told to."
        if at.silent
        else ""
    )
    return (
        f"{who} at least {_many(at.threshold, 'follower')} ({words.share(at.accounts / seen.distribution.users)} of "
        f"all). **{words.share(at.links)}** of all follows point at them, and their posts would be "
        f"**{words.share(at.deliveries)}** of all copies that push makes.{told}"
    )


def tail_line(seen: Overview) -> str:
    """How fast large accounts get rarer."""
    exponent = seen.distribution.exponent
    if exponent is None:
        return f"Too few accounts have {TAIL_FROM} followers or more to measure a tail."
    return (
        f"A straight line would be a power law. Measured from {TAIL_FROM} followers on: the number of accounts with "
        f"exactly x followers falls like x to the power of -{exponent:.1f}."
    )


def threshold_rows(seen: Overview) -> list[Row]:
    """The same at round numbers, as a table."""
    largest = int(seen.counts.max())
    at = sorted({seen.rule.threshold, *(threshold for threshold in _TABLE_AT if threshold <= largest)})
    return [
        {
            "Followers, at least": words.count(line.threshold)
            + (" (hybrid)" if line.threshold == seen.rule.threshold else ""),
            "Accounts": words.count(line.accounts),
            "Share of follows": words.share(line.links),
            "Share of copies": words.share(line.deliveries),
        }
        for line in seen.celebrities(at)
    ]


def sample_line(seen: Around) -> str:
    """How many of the neighbours are drawn, and how those were chosen."""
    name = seen.names[seen.standing.user]
    drawn, there = len(seen.drawn) - 1, seen.drawn.graph["neighbours"]
    if not there:
        return f"@{name} follows nobody and nobody follows them. Let somebody follow them with the buttons above."
    if drawn == there:
        return f"All {_many(there, 'neighbour')} of @{name}, and the follows among them."
    return (
        f"{drawn} of {words.count(there)} neighbours: in turn the most followed of those whom @{name} follows and of "
        "those who follow them."
    )


def neighbour_rows(seen: Around) -> list[Row]:
    """The drawing as a table, the most followed first."""
    user = seen.standing.user
    others = [(other, node) for other, node in seen.drawn.nodes(data=True) if other != user]
    return [
        {
            "Account": f"@{seen.names[other]}",
            "Relation": relation(seen, other),
            "Followers": words.count(node["followers"]),
            "Follows": words.count(node["followees"]),
        }
        for other, node in sorted(others, key=lambda pair: -pair[1]["followers"])
    ]


def relation(seen: Around, other: int) -> str:
    """How a neighbour stands to the person."""
    node = seen.drawn.nodes[other]
    return RELATIONS[node["follows"], node["followed_by"]].format(name=f"@{seen.names[seen.standing.user]}")


def _copies(bill: Bill) -> str:
    """'1,470 copies (0.85 s of all workers' time)'."""
    return f"{_many(bill.copies, 'copy', 'copies')} ({words.seconds(bill.work_s)} of all workers' time)"


def _many(number: int, one: str, more: str = "") -> str:
    return f"{words.count(number)} {one if number == 1 else more or one + 's'}"
