"""What a strategy of one's own begins with: the ten lines to change."""

TEMPLATE = '''\
from engine import Strategy


class Mine(Strategy):
    """Push, except for accounts with many followers and for readers who have been away."""

    def pushes(self, posts):           # posts.author, posts.followers, posts.at_ns: one entry each post
        return posts.followers < 200   # True: written into the lists of all followers; False: readers pull it

    def holds_list(self, members):     # members.user, members.away_days: one entry each user
        return members.away_days <= 30
'''
"""Defines one class, `Mine`; every method of engine/write_path/strategies/base.py may be overridden."""
