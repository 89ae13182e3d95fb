"""Questions of three steps: several consequences of one feed, one after the other."""

import math
from collections.abc import Mapping

from lessons.estimates.families import DAY_S, milliseconds, percent, size
from lessons.estimates.question import Family, Given, Worked
from lessons.estimates.shown import digits, short, shown

HOURS_A_MONTH = 730


def dollars(value: float) -> str:
    """An amount as a text says it."""
    return f"${digits(value)}"


def _workers(given: Given) -> Worked:
    mean = given["posts"] * given["followers"] / DAY_S
    peak = mean * given["factor"]
    needed = peak * given["us"] / 1e6
    return Worked(
        needed,
        (
            f"{short(given['posts'])} posts x {short(given['followers'])} followers / {DAY_S:,} s = {short(mean)} "
            "copies/s on average",
            f"x {short(given['factor'])} at the peak = {short(peak)} copies/s",
            f"x {shown(given['us'] / 1e6, 'seconds')} each = {short(needed)} workers at work at once",
        ),
        (needed / given["factor"], needed * 1e3, needed / given["followers"]),
    )


def _drain(given: Given) -> Worked:
    joined = given["posts"] * given["followers"]
    spare = given["rate"] - given["steady"] * given["rate"]
    return Worked(
        joined / spare,
        (
            f"{short(given['posts'])} posts x {short(given['followers'])} followers = {short(joined)} copies join",
            f"{short(given['rate'])}/s less {percent(given['steady'])} for everyday posts = {short(spare)}/s to spare",
            f"{short(joined)} / {short(spare)} = {shown(joined / spare, 'seconds')}",
        ),
        (joined / given["rate"], joined / spare * 10, joined / (given["steady"] * given["rate"]) / 4),
    )


def _year_cost(given: Given) -> Worked:
    year = given["posts"] * given["bytes"] * 365
    kept = year * given["copies"]
    cost = kept / 1e9 * given["price"]
    return Worked(
        cost,
        (
            f"{short(given['posts'])} posts x {size(given['bytes'])} x 365 days = {size(year)} a year",
            f"x {short(given['copies'])} copies = {size(kept)}",
            f"x {dollars(given['price'])} for a GB and month = {shown(cost, 'usd_per_month')}",
        ),
        (cost / given["copies"] / 5, cost / 365, cost * 12),
    )


def _memory_cost(given: Given) -> Worked:
    total = given["people"] * given["kb"] * 1e3 * given["copies"]
    machines = float(math.ceil(total / given["ram"]))
    cost = machines * given["price"] * HOURS_A_MONTH
    return Worked(
        cost,
        (
            f"{short(given['people'])} lists x {size(given['kb'] * 1e3)} x {short(given['copies'])} copies = "
            f"{size(total)}",
            f"/ {size(given['ram'])} a machine = {short(machines)} machines, rounded up",
            f"x {dollars(given['price'])} an hour x {HOURS_A_MONTH} hours = {shown(cost, 'usd_per_month')}",
        ),
        (cost / given["copies"] / 4, cost / HOURS_A_MONTH * 24, cost * 1e3),
    )


def _hybrid(given: Given) -> Worked:
    every = given["rate"] * given["followers"]
    big = given["rate"] * given["share"] * given["large"]
    return Worked(
        every - big,
        (
            f"{short(given['rate'])} posts/s x {short(given['followers'])} followers = {short(every)} copies/s in all",
            f"{short(given['rate'])} x {percent(given['share'])} x {short(given['large'])} = {short(big)} copies/s "
            "that readers fetch instead",
            f"{short(every)} - {short(big)} = {short(every - big)} copies/s",
        ),
        (big / 3, every * 3, (every - big) / given["followers"]),
    )


def _busy(given: Given) -> Worked:
    rho = given["rate"] * given["ms"] / 1e3 / given["servers"]
    seconds = given["ms"] / 1e3 / (1 - rho)
    return Worked(
        seconds,
        (
            f"{short(given['rate'])} calls/s x {milliseconds(given['ms'])} / {short(given['servers'])} servers = "
            f"{percent(round(rho, 4))} busy",
            f"time = service / (1 - busy) = {milliseconds(given['ms'])} / {digits(1 - rho)} = "
            f"{shown(seconds, 'seconds')}: {digits(1 / (1 - rho))} times the service itself",
        ),
        (given["ms"] / 1e3, seconds * 10, given["ms"] / 1e3 * rho / 3),
    )


def _refresh(given: Given) -> Worked:
    pages = given["people"] * given["share"]
    seconds = pages / given["each"] / given["servers"]
    return Worked(
        seconds,
        (
            f"{short(given['people'])} people x {percent(given['share'])} = {short(pages)} pages asked for at once",
            f"{short(given['servers'])} servers x {short(given['each'])} pages/s = "
            f"{short(given['servers'] * given['each'])} pages/s",
            f"{short(pages)} / {short(given['servers'] * given['each'])} = {shown(seconds, 'seconds')}",
        ),
        (seconds * given["servers"], seconds / 10, 1 / given["each"]),
    )


_ALL = (
    Family(
        name="workers",
        title="Workers for the peak",
        level=3,
        ask="People write {posts} posts a day for {followers} followers each, on average. The peak has {factor} times "
        "the mean, and a worker needs {us} for a copy. How many workers are busy at the peak?",
        given={"posts": (100e6, 300e6, 400e6), "followers": (75, 100, 200), "factor": (2, 3, 10), "us": (20, 50, 100)},
        show={"us": lambda us: shown(us / 1e6, "seconds")},
        work=_workers,
        unit="count",
        noun="workers",
        rule="Little's law again: busy workers = copies a second x seconds for a copy.",
    ),
    Family(
        name="drain",
        title="After the burst",
        level=3,
        ask="An account with {followers} followers writes {posts} posts at once. The workers write {rate} copies a "
        "second, and everyday posts take {steady} of that all the time. After how long is the line gone?",
        given={
            "followers": (1e6, 10e6, 30e6),
            "posts": (1, 4, 8),
            "rate": (50e3, 100e3, 300e3),
            "steady": (0.5, 0.75, 0.8, 0.9),
        },
        show={"steady": percent},
        work=_drain,
        unit="seconds",
        rule="Only what is to spare drains a line: at 90 % busy, that is a tenth.",
        link="/load",
    ),
    Family(
        name="year_cost",
        title="The price of keeping a year",
        level=3,
        ask="A day brings {posts} posts of {bytes}. A year of them is kept, in {copies} copies, at {price} for a GB "
        "and month. What does that cost a month?",
        given={"posts": (100e6, 300e6, 500e6), "bytes": (300, 1e3, 2e3), "copies": (2, 3), "price": (0.02, 0.05, 0.1)},
        show={"bytes": size, "price": dollars},
        work=_year_cost,
        unit="usd_per_month",
        rule="Text is cheap: a year of everybody's posts costs less than the people who run it.",
    ),
    Family(
        name="memory_cost",
        title="The price of ready lists",
        level=3,
        ask="{people} people have a home list of {kb} in memory, in {copies} copies. A machine has {ram} of memory for "
        "them and costs {price} an hour. What do the lists cost a month of 730 hours?",
        given={
            "people": (50e6, 150e6, 300e6),
            "kb": (10, 20, 30),
            "copies": (2, 3),
            "ram": (50e9, 100e9, 200e9),
            "price": (0.5, 1, 2),
        },
        show={"kb": lambda kb: size(kb * 1e3), "ram": size, "price": dollars},
        work=_memory_cost,
        unit="usd_per_month",
        rule="Lists for people who never come are the largest waste: keep them for those who were here this month.",
    ),
    Family(
        name="hybrid_copies",
        title="What hybrid leaves to write",
        level=3,
        ask="{rate} posts a second reach {followers} followers each, on average. {share} of them are by large accounts "
        "with {large} followers, and hybrid lets readers fetch those. How many copies a second are still written?",
        given={
            "rate": (1e3, 3e3, 5e3, 6e3),
            "followers": (75, 100, 150),
            "share": (0.0001, 0.0002, 0.0005),
            "large": (50e3, 100e3, 140e3),
        },
        show={"share": percent},
        work=_hybrid,
        unit="per_s",
        noun="copies",
        rule="A few large accounts make much of the work: one post in ten thousand can be a tenth of all copies.",
    ),
    Family(
        name="busy",
        title="Nearly full",
        level=3,
        ask="{servers} servers, each with a line of its own, answer {rate} calls a second between them. A call "
        "takes {ms} of work on average; arrivals and work are random. How long does a call take, waiting included?",
        given={"servers": (10,), "rate": (600, 800, 900, 950, 980), "ms": (10,)},
        show={"ms": milliseconds},
        work=_busy,
        unit="seconds",
        rule="Time = service / (1 - busy): 50 % busy doubles it, 90 % makes it ten times as long.",
        link="/load",
    ),
    Family(
        name="refresh",
        title="Everybody refreshes",
        level=3,
        ask="The whistle blows, and {share} of {people} people open home in the same moment. {servers} servers answer "
        "{each} pages a second each. When does the last one have a page?",
        given={
            "people": (1e6, 5e6, 20e6),
            "share": (0.1, 0.5, 0.8),
            "servers": (20, 100, 500),
            "each": (500, 2e3, 5e3),
        },
        show={"share": percent},
        work=_refresh,
        unit="seconds",
        rule="A herd is a line: pages asked for at once, divided by pages a second.",
        link="/failures",
    ),
)
HARDER: Mapping[str, Family] = {family.name: family for family in _ALL}
