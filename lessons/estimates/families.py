"""Questions of one and two steps, each with its one formula. The assumptions lie around the published numbers."""

import math
from collections.abc import Mapping

from lessons.estimates.question import Family, Given, Worked
from lessons.estimates.shown import digits, short, shown

DAY_S = 86_400
DAY_RULE = "Round a day to 100,000 seconds: a million a day is about 12 a second."


def size(value: float) -> str:
    """Bytes as a text says them."""
    return shown(value, "bytes")


def milliseconds(value: float) -> str:
    """Milliseconds as a text says them."""
    return f"{digits(value)} ms"


def percent(value: float) -> str:
    """A share as a text says it."""
    return f"{digits(100 * value, 4)} %"


def _posts_per_s(given: Given) -> Worked:
    rate = given["posts"] / DAY_S
    return Worked(
        rate,
        (f"{short(given['posts'])} posts / {DAY_S:,} s = {short(rate)} posts/s",),
        (given["posts"] / 3_600, rate / 24, rate * 10),
    )


def _reads_per_s(given: Given) -> Worked:
    a_day = given["people"] * given["opens"]
    return Worked(
        a_day / DAY_S,
        (
            f"{short(given['people'])} people x {short(given['opens'])} openings = {short(a_day)} home reads a day",
            f"{short(a_day)} / {DAY_S:,} s = {short(a_day / DAY_S)} reads/s",
        ),
        (given["people"] / DAY_S, a_day / 3_600, a_day / DAY_S / 60),
    )


def _storage(given: Given) -> Worked:
    once = given["posts"] * given["bytes"]
    return Worked(
        once * given["copies"],
        (
            f"{short(given['posts'])} posts x {size(given['bytes'])} = {size(once)}",
            f"x {short(given['copies'])} copies = {size(once * given['copies'])} a day",
        ),
        (once, once * given["copies"] * 1e3, once / 1e3),
    )


def _list_memory(given: Given) -> Worked:
    each = given["cap"] * given["bytes"]
    return Worked(
        given["people"] * each,
        (
            f"{short(given['cap'])} entries x {size(given['bytes'])} = {size(each)} a list",
            f"x {short(given['people'])} people = {size(given['people'] * each)}",
        ),
        (given["people"] * given["cap"], given["people"] * given["bytes"], given["people"] * each * 100),
    )


def _push_time(given: Given) -> Worked:
    seconds = given["followers"] / given["rate"]
    return Worked(
        seconds,
        (f"{short(given['followers'])} copies / {short(given['rate'])} copies/s = {shown(seconds, 'seconds')}",),
        (seconds * 10, seconds / 10, seconds * 100),
    )


def _waiting(given: Given) -> Worked:
    seconds = given["queue"] / given["rate"]
    return Worked(
        seconds,
        (f"{short(given['queue'])} copies in line / {short(given['rate'])} copies/s = {shown(seconds, 'seconds')}",),
        (given["rate"] / given["queue"], seconds * 10, 1 / given["rate"]),
    )


def _downtime(given: Given) -> Worked:
    month = given["days"] * DAY_S
    seconds = (1 - given["availability"]) * month
    return Worked(
        seconds,
        (
            f"{short(given['days'])} days x {DAY_S:,} s = {short(month)} seconds",
            f"x {percent(1 - given['availability'])} = {shown(seconds, 'seconds')}",
        ),
        (seconds * 10, seconds / 10, seconds * 60),
    )


def _peak(given: Given) -> Worked:
    mean = given["posts"] / DAY_S
    return Worked(
        mean * given["factor"],
        (
            f"{short(given['posts'])} posts / {DAY_S:,} s = {short(mean)} posts/s on average",
            f"x {short(given['factor'])} at the peak = {short(mean * given['factor'])} posts/s",
        ),
        (mean, mean * given["factor"] * 24, mean / given["factor"]),
    )


def _inserts(given: Given) -> Worked:
    a_day = given["posts"] * given["followers"]
    return Worked(
        a_day / DAY_S,
        (
            f"{short(given['posts'])} posts x {short(given['followers'])} followers = {short(a_day)} copies a day",
            f"{short(a_day)} / {DAY_S:,} s = {short(a_day / DAY_S)} copies/s",
        ),
        (given["posts"] / DAY_S, a_day / 3_600, a_day / DAY_S / given["followers"] * 10),
    )


def _database_reads(given: Given) -> Worked:
    bodies = given["reads"] * given["page"]
    miss = 1 - given["hits"]
    return Worked(
        bodies * miss,
        (
            f"{short(given['reads'])} pages/s x {short(given['page'])} posts = {short(bodies)} posts/s to look up",
            f"x {percent(miss)} that miss = {short(bodies * miss)} reads/s",
        ),
        (bodies, bodies * given["hits"], given["reads"] * miss),
    )


def _machines(given: Given) -> Worked:
    useful = given["each"] * given["busy"]
    whole = float(math.ceil(given["rate"] / useful))
    return Worked(
        whole,
        (
            f"{short(given['each'])} reads/s x {percent(given['busy'])} busy = {short(useful)} reads/s a machine",
            f"{short(given['rate'])} / {short(useful)} = {short(given['rate'] / useful)}, so {short(whole)} machines",
        ),
        (whole * 10, whole / 10, whole * 100),
    )


def _bandwidth(given: Given) -> Worked:
    sent = given["reads"] * given["page"]
    return Worked(
        8 * sent,
        (
            f"{short(given['reads'])} pages/s x {size(given['page'])} = {size(sent)} a second",
            f"x 8 bits in a byte = {shown(8 * sent, 'bits_per_s')}",
        ),
        (sent, 80 * sent, sent / 8),
    )


def _pull_rows(given: Given) -> Worked:
    rows = given["follows"] * given["newest"]
    return Worked(
        given["reads"] * rows,
        (
            f"{short(given['follows'])} accounts x {short(given['newest'])} posts = {short(rows)} rows a page",
            f"x {short(given['reads'])} pages/s = {short(given['reads'] * rows)} rows/s",
        ),
        (given["reads"] * given["follows"], given["reads"] * given["newest"], rows),
    )


def _pull_time(given: Given) -> Worked:
    calls = given["authors"] / given["batch"]
    seconds = calls * given["ms"] / 1e3
    return Worked(
        seconds,
        (
            f"{short(given['authors'])} accounts / {short(given['batch'])} in a batch = {short(calls)} calls",
            f"x {milliseconds(given['ms'])} one after another = {shown(seconds, 'seconds')}",
        ),
        (given["authors"] * given["ms"] / 1e3, given["ms"] / 1e3, seconds * 10),
    )


_POSTS = (50e6, 100e6, 200e6, 300e6, 400e6, 500e6)

_ALL = (
    Family(
        name="posts_per_s",
        title="From a day to a second",
        level=1,
        ask="People write {posts} posts a day. How many is that a second, on average?",
        given={"posts": _POSTS},
        work=_posts_per_s,
        unit="per_s",
        noun="posts",
        rule=DAY_RULE,
    ),
    Family(
        name="reads_per_s",
        title="Home reads a second",
        level=1,
        ask="{people} people open their home page {opens} times a day each. How many home reads is that a second, on "
        "average?",
        given={"people": (50e6, 100e6, 200e6, 500e6), "opens": (5, 10, 20, 50)},
        work=_reads_per_s,
        unit="per_s",
        noun="reads",
        rule=DAY_RULE,
    ),
    Family(
        name="storage_a_day",
        title="Storage of a day",
        level=1,
        ask="A day brings {posts} posts of {bytes} each, and {copies} copies of everything are kept. How much storage "
        "does a day take?",
        given={"posts": _POSTS, "bytes": (300, 500, 1e3, 2e3), "copies": (2, 3)},
        show={"bytes": size},
        work=_storage,
        unit="bytes",
        rule="A thousand million is a billion: 300 million posts of 1 kB are 300 GB.",
    ),
    Family(
        name="list_memory",
        title="Memory of all home lists",
        level=1,
        ask="{people} people have a home list of {cap} entries, {bytes} for each entry. How much memory do all lists "
        "take?",
        given={"people": (50e6, 100e6, 150e6, 300e6), "cap": (400, 800, 1_000), "bytes": (8, 12, 20, 40)},
        show={"bytes": size},
        work=_list_memory,
        unit="bytes",
        rule="A list holds ids, not posts: some ten kB for each person, whatever they write.",
    ),
    Family(
        name="push_time",
        title="The time of one push",
        level=1,
        ask="An account with {followers} followers writes a post. The workers write {rate} copies a second and have "
        "nothing else to do. When does the last follower have it?",
        given={"followers": (1e6, 5e6, 10e6, 30e6, 100e6, 150e6), "rate": (1e3, 20e3, 100e3, 300e3)},
        work=_push_time,
        unit="seconds",
        rule="Copies divided by copies a second: the last follower waits for everybody before them.",
    ),
    Family(
        name="waiting",
        title="How long is this line?",
        level=1,
        ask="{queue} copies wait in line, and the workers write {rate} a second. How long does a copy wait that joins "
        "now?",
        given={"queue": (2e3, 12e3, 60e3, 500e3, 3e6), "rate": (800, 1_600, 7e3, 50e3)},
        work=_waiting,
        unit="seconds",
        rule="Little's law: what is in line = rate x wait. So the wait is the line divided by the rate.",
        link="/load",
    ),
    Family(
        name="downtime",
        title="What the nines allow",
        level=1,
        ask="A feed promises to be there {availability} of the time. For how long may it be away in {days} days?",
        given={"availability": (0.99, 0.995, 0.999, 0.9995, 0.9999), "days": (7, 30, 365)},
        show={"availability": percent},
        work=_downtime,
        unit="seconds",
        rule="99.9 % of a month leaves 43 minutes. Each nine more leaves a tenth.",
        link="/failures",
    ),
    Family(
        name="peak_posts",
        title="The peak, not the mean",
        level=2,
        ask="People write {posts} posts a day. The busiest moment has {factor} times the average. How many posts a "
        "second is that?",
        given={"posts": _POSTS, "factor": (2, 3, 10, 25)},
        work=_peak,
        unit="per_s",
        noun="posts",
        rule="Size for the peak: the mean is what nobody ever sees.",
    ),
    Family(
        name="inserts_per_s",
        title="Copies a second under push",
        level=2,
        ask="People write {posts} posts a day, and a post has {followers} followers on average to reach. How many "
        "copies a second does push write?",
        given={"posts": _POSTS, "followers": (75, 100, 150, 200)},
        work=_inserts,
        unit="per_s",
        noun="copies",
        rule="Push writes once for each follower, so the audience multiplies everything.",
    ),
    Family(
        name="database_reads",
        title="What the cache lets through",
        level=2,
        ask="{reads} home pages a second show {page} posts each. The cache has {hits} of them; the database is asked "
        "for the others. How many posts a second does it read?",
        given={"reads": (10e3, 50e3, 300e3, 600e3), "page": (10, 20, 50), "hits": (0.9, 0.96, 0.99, 0.998)},
        show={"hits": percent},
        work=_database_reads,
        unit="per_s",
        noun="reads",
        rule="Look at the misses: from 99 % to 98 % hits, the database gets twice the work.",
        link="/load",
    ),
    Family(
        name="machines",
        title="Machines for a rate",
        level=2,
        ask="Readers ask for {rate} home pages a second. A machine can answer {each} a second, and is to be no more "
        "than {busy} busy. How many machines does that take?",
        given={"rate": (30e3, 300e3, 600e3, 3e6), "each": (500, 2e3, 5e3, 20e3), "busy": (0.5, 0.6, 0.7)},
        show={"busy": percent},
        work=_machines,
        unit="count",
        noun="machines",
        rule="Plan with machines that are two thirds busy: near 100 % every wait explodes.",
    ),
    Family(
        name="bandwidth",
        title="Down the wire",
        level=2,
        ask="{reads} home pages a second go out, each of {page}. How much is that on the wire, in bits a second?",
        given={"reads": (10e3, 100e3, 300e3, 600e3), "page": (10e3, 20e3, 50e3, 100e3)},
        show={"page": size},
        work=_bandwidth,
        unit="bits_per_s",
        rule="Disks count bytes, wires count bits: times eight.",
    ),
    Family(
        name="pull_rows",
        title="Rows that pull reads",
        level=2,
        ask="Under naive pull a home page fetches the newest {newest} posts of each of {follows} accounts, and sorts "
        "them. At {reads} pages a second, how many rows a second does the database read?",
        given={"newest": (10, 20, 50), "follows": (100, 200, 400), "reads": (1e3, 10e3, 100e3, 300e3)},
        work=_pull_rows,
        unit="per_s",
        noun="rows",
        rule="Pull multiplies reads by follows: a page of 20 posts costs thousands of rows.",
    ),
    Family(
        name="pull_time",
        title="One call after another",
        level=2,
        ask="A page needs the newest posts of {authors} accounts. A call takes {ms} and brings those of {batch} "
        "accounts; the calls run one after another. How long does that take?",
        given={"authors": (20, 100, 200, 400), "ms": (1, 2, 5), "batch": (1, 10, 20)},
        show={"ms": milliseconds},
        work=_pull_time,
        unit="seconds",
        rule="Waiting adds up in a row. Larger batches, or calls side by side, bring it down.",
    ),
)
PLAIN: Mapping[str, Family] = {family.name: family for family in _ALL}
