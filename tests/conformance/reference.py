"""What queues are, written down one customer after the other; slow and plain, and without a line of the engine."""

import heapq
from typing import NamedTuple


def single_servers(server, at, service):
    """Completion of each customer where every server has a line of its own."""
    free, done = {}, []
    for s, t, work in zip(server, at, service, strict=True):
        free[s] = max(t, free[s]) + work if s in free else t + work
        done.append(free[s])
    return done


def hampered_servers(server, at, service, slowed, held):
    """As `single_servers`, where from instants on servers are slow, and for a while begin nothing for newcomers.

    `slowed`: (from, {server: times}), the latest in force; `held`: (server, from, until).
    """
    last, done = {}, []
    for s, t, work in zip(server, at, service, strict=True):
        times = [by for since, by in slowed if since <= t]
        opens = [until for where, since, until in held if where == s and since <= t]
        last[s] = max([t, *opens, *([last[s]] if s in last else [])]) + work * (times[-1].get(s, 1) if times else 1)
        done.append(last[s])
    return done


def many_servers(servers, at, service):
    """Completion of each customer of one line before several servers."""
    busy, done = [], []
    for t, work in zip(at, service, strict=True):
        begin = t if len(busy) < servers else max(t, heapq.heappop(busy))
        heapq.heappush(busy, begin + work)
        done.append(begin + work)
    return done


def tandem(stages, at):
    """Customers (numbered by arrival) through stations of single servers; a stage is (server, service) of each."""
    present = list(at)
    for server, service in stages:
        order = sorted(range(len(at)), key=lambda i: (present[i], i))
        done = single_servers([server[i] for i in order], [present[i] for i in order], [service[i] for i in order])
        for i, t in zip(order, done, strict=True):
            present[i] = t
    return present


class Job(NamedTuple):
    enqueued: int
    key: int
    lane: int
    partition: int
    copies: int


class Taken(NamedTuple):
    key: int
    polled: int
    done: int
    worker: int


def polling_workers(jobs, workers, batch, poll, delivery):
    """What each worker takes when, by searching everything that waits at every poll."""
    free, waiting, taken = dict.fromkeys(range(workers), float("-inf")), list(jobs), []
    while waiting:
        worker = min(free, key=lambda w: (free[w], w))
        now = max(free[worker], min(job.enqueued for job in waiting))
        here = sorted(job for job in waiting if job.enqueued <= now)
        lane = [job for job in here if job.lane == min(job.lane for job in here)]
        bundle = []
        for job in lane:
            if job.partition != lane[0].partition:
                continue
            if bundle and sum(j.copies for j in bundle) + job.copies > batch:
                break
            bundle.append(job)
        free[worker] = now + poll + delivery * sum(job.copies for job in bundle)
        taken += [Taken(job.key, now, free[worker], worker) for job in bundle]
        waiting = [job for job in waiting if job not in bundle]
    return taken


def broken_workers(jobs, workers, batch, poll, delivery, pauses, crashes, restart):
    """As `polling_workers`, where nobody polls in a pause (from, until), and at a crash (at, how many) some of those
    who are in a batch die: nothing of it is done, and they poll again when they have restarted. (taken, lost keys)"""
    free, waiting, taken, lost = dict.fromkeys(range(workers), float("-inf")), list(jobs), [], []
    crashes = sorted(crashes)
    while waiting or crashes:
        worker = min(free, key=lambda w: (free[w], w))
        now = max(free[worker], min((job.enqueued for job in waiting), default=float("inf")))
        for since, until in sorted(pauses):
            now = until if since <= now < until else now
        if crashes and crashes[0][0] <= now:
            at, count = crashes.pop(0)
            for died in sorted(w for w in free if free[w] > at)[:count]:
                lost += [entry.key for entry in taken if entry.worker == died and entry.done == free[died] > at]
                free[died] = at + restart
            continue
        lane = [job for job in sorted(waiting) if job.enqueued <= now]
        lane = [job for job in lane if job.lane == min(job.lane for job in lane)]
        bundle = []
        for job in lane:
            if job.partition == lane[0].partition:
                if bundle and sum(j.copies for j in bundle) + job.copies > batch:
                    break
                bundle.append(job)
        free[worker] = now + poll + delivery * sum(job.copies for job in bundle)
        taken += [Taken(job.key, now, free[worker], worker) for job in bundle]
        waiting = [job for job in waiting if job not in bundle]
    return taken, lost
