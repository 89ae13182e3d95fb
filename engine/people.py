"""What a person can do in a world: checked, journalled, applied, in that order.

Every action takes effect at the world's current instant. It is committed to the journal before its call returns; a
refused one changes nothing. `apply` alone is what reopening a world uses.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from engine.domain import NO_ROW, Flag, Kind
from engine.errors import InvalidInput, NotAllowed, UnknownPost
from engine.faults.fault import Fault, check_servers
from engine.guard.validate import check_not_self, check_text, check_user
from engine.journal import actions as act
from engine.journal.journal import Journal
from engine.load.arrivals import Stream
from engine.posts.store import NewPosts
from engine.reader import Reader, row_of
from engine.views import PageView, PostView
from engine.write_path.strategies import with_strategy

if TYPE_CHECKING:
    from engine.world import World

P = ParamSpec("P")
T = TypeVar("T")


def _told(action: "Callable[Concatenate[People, int, P], T]") -> "Callable[Concatenate[People, int, P], T]":
    """An action of a person that, where it is refused, leaves a note of that in the logbook."""

    @wraps(action)
    def told(people: "People", user: int, /, *args: P.args, **named: P.kwargs) -> T:
        try:
            return action(people, user, *args, **named)
        except InvalidInput as refusal:
            people._world.notes.refused(people._world.now_ns, action.__name__, user, str(refusal))
            raise

    return told


class People:
    """The people of one world, acting by user id."""

    def __init__(self, world: "World", journal: Journal) -> None:
        self._world = world
        self.journal = journal
        self.reader = Reader(world)
        self._likes: set[tuple[int, int]] = set()

    # Actions

    @_told
    def post(self, user: int, text: str, picture: bool = False) -> PostView:
        """Publish, with a picture if wanted; in the author's own home when this returns.

        Raises:
            UnknownUser, InvalidPost: nothing was changed.
        """
        media = (str(self.journal.last_seq + 1),) if picture else ()
        return self._post(act.Posted(self.user(user), check_text(text), media=media))

    @_told
    def reply(self, user: int, to: int, text: str) -> PostView:
        """Answer a post, given by its id; whoever answers a repost answers what it repeats.

        Raises:
            UnknownPost: there is none, or it was deleted. NotAllowed: a block stands between the two.
        """
        root = self._target(user, to)
        return self._post(act.Posted(user, check_text(text), reply_to=root))

    @_told
    def repost(self, user: int, of: int) -> PostView:
        """Pass a post on; it appears under its root.

        Raises:
            UnknownPost, NotAllowed: as for `reply`; also if this person reposts it already.
        """
        root = self._target(user, of)
        if self._repost_of(user, self.row(root)) is not None:
            raise NotAllowed(f"User {user} has reposted post {of} already; undo that first.")
        return self._post(act.Posted(user, "", repost_of=root))

    @_told
    def undo_repost(self, user: int, of: int) -> bool:
        """Take a repost back; False if there was none."""
        row = self._repost_of(self.user(user), self.row(of))
        return row is not None and self.delete(user, self._key(row))

    @_told
    def delete(self, user: int, post: int) -> bool:
        """Delete one's own post; False if it was deleted already.

        Raises:
            UnknownPost, NotAllowed: nothing was changed.
        """
        row = self._own(user, post)
        return not self._deleted(row) and self._do(act.Deleted(user, post))

    @_told
    def restore(self, user: int, post: int) -> bool:
        """Bring one's own deleted post back; False if it was not deleted."""
        row = self._own(user, post)
        return self._deleted(row) and self._do(act.Restored(user, post))

    @_told
    def like(self, user: int, post: int) -> bool:
        """Like a post, or what a repost repeats; False if this person likes it already.

        Raises:
            UnknownPost, NotAllowed: as for `reply`.
        """
        root = self._target(user, post)
        return (user, root) not in self._likes and self._do(act.Liked(user, root))

    @_told
    def unlike(self, user: int, post: int) -> bool:
        """Take a like back; False if there was none."""
        root = self._root(self.row(post))
        return (self.user(user), root) in self._likes and self._do(act.Unliked(user, root))

    @_told
    def follow(self, user: int, other: int) -> bool:
        """Follow somebody; False if that follow exists.

        Raises:
            UnknownUser; NotAllowed: oneself, or a block stands between the two.
        """
        self._pair(user, other, "follow")
        if self._world.tables.relations.blocks_either(user, other):
            raise NotAllowed(f"User {user} cannot follow user {other}: one of them blocks the other.")
        return not self._follows(user, other) and self._do(act.Followed(user, other))

    def follow_all(self, followers: Sequence[int], user: int) -> int:
        """Let many people follow one account, in one transaction; how many follows were made.

        As `follow` by each in turn, but whoever is blocked is passed over, like those who follow already.

        Raises:
            UnknownUser; NotAllowed: the account is among them. Nothing was changed.
        """
        relations = self._world.tables.relations
        for follower in followers:
            self._pair(follower, user, "follow")
        fans = [fan for fan in dict.fromkeys(followers) if not relations.blocks_either(fan, user)]
        new = np.array(fans, np.int32)
        new = new[~self._world.tables.graph.follows(new, np.full(len(new), user))]
        actions = [act.Followed(fan, user) for fan in new.tolist()]
        now_ns = self._world.now_ns
        self.journal.append_many([(now_ns, action.kind, action.to_json()) for action in actions])
        return self._world.follow_all(new, user)

    @_told
    def unfollow(self, user: int, other: int) -> bool:
        """Follow somebody no more; False if there was no follow."""
        self._pair(user, other, "unfollow")
        return self._follows(user, other) and self._do(act.Unfollowed(user, other))

    @_told
    def block(self, user: int, other: int) -> bool:
        """Block somebody: neither sees the other, and follows between them end. False if they are blocked already."""
        self._pair(user, other, "block")
        return not self._world.tables.relations.blocks(user, other) and self._do(act.Blocked(user, other))

    @_told
    def unblock(self, user: int, other: int) -> bool:
        """Lift a block; follows do not come back. False if there was none."""
        self._pair(user, other, "unblock")
        return self._world.tables.relations.blocks(user, other) and self._do(act.Unblocked(user, other))

    @_told
    def mute(self, user: int, other: int) -> bool:
        """Hide somebody from one's own home; they do not learn of it. False if they are muted already."""
        self._pair(user, other, "mute")
        return not self._world.tables.relations.mutes(user, other) and self._do(act.Muted(user, other))

    @_told
    def unmute(self, user: int, other: int) -> bool:
        """Show somebody again; False if they were not muted."""
        self._pair(user, other, "unmute")
        return self._world.tables.relations.mutes(user, other) and self._do(act.Unmuted(user, other))

    # What an operator does to the world, journalled like everything else

    def set_knobs(self, changes: Mapping[str, Any]) -> None:
        """Change settings of the world.

        Raises:
            InvalidKnob: nothing was changed.
        """
        self._world.allow(self._world.config.with_knobs(changes))
        self._do(act.KnobsChanged(changes))

    def set_strategy(self, spec: str) -> None:
        """Change the fan-out strategy: `name` or `name:param=value`.

        Raises:
            UnknownName, InvalidKnob: nothing was changed.
        """
        self._world.allow(with_strategy(self._world.config, spec))
        self._do(act.StrategyChanged(spec))

    def inject(self, name: str) -> None:
        """Start a scenario's events now.

        Raises:
            UnknownName: no such scenario, or one with nothing to trigger.
        """
        self._world.to_inject(name)
        self._do(act.Injected(name, self._world.injections + 1))

    def break_(self, fault: Fault) -> None:
        """Let something break.

        Raises:
            InvalidInput: it would have begun already, or is about a server that there is not.
        """
        check_servers([fault], self._world.config)
        self._world.incidents.faults.check([fault], self._world.now_ns)
        self._do(act.Broke(fault.kind, fault.at_ns, fault.lasts_ns, fault.size, fault.server))

    def pass_over(self, seq: int) -> None:
        """Journal that nothing happened here, until entry `seq` is reached: the other side of a twin has got as far."""
        while self.journal.last_seq < seq:
            self._do(act.Elsewhere())

    def take_over(self, action: act.Action) -> None:
        """Journal and do what was accepted on the other side of a twin."""
        self._do(action)

    # Pages, from `reader`

    def home(self, user: int, cursor: str | None = None, limit: int = 20) -> PageView:
        """The home timeline as of now.

        Raises:
            UnknownUser, InvalidCursor, InvalidInput: a limit outside 1 to 100.
        """
        return self.reader.home(user, cursor, limit).page

    def profile(self, viewer: int, author: int, cursor: str | None = None, limit: int = 20) -> PageView:
        """Posts, replies and reposts of one account, as the viewer may see them."""
        return self.reader.profile(viewer, author, cursor, limit).page

    def replies(self, viewer: int, post: int, cursor: str | None = None, limit: int = 20) -> PageView:
        """Answers to a post, or to what a repost repeats, newest first, as the viewer may see them."""
        return self.reader.replies(viewer, post, cursor, limit).page

    def view(self, row: int) -> PostView:
        """One post by row."""
        return self.reader.view(row)

    def likes(self, user: int, post: int) -> bool:
        """Whether somebody likes a post, given by its id."""
        return (user, post) in self._likes

    def reposts(self, user: int, row: int) -> bool:
        """Whether somebody reposts what a row shows, and has not taken it back."""
        return self._repost_of(user, row) is not None

    # Applying what the journal holds

    def apply(self, action: act.Action, seq: int, fan_out: bool = True) -> None:
        """Let a journalled action take effect now. `seq`: its number, from which a post's key is made.

        Without `fan_out` a post gets no copies, as the load's do not in `World.step_writes`.
        """
        world, relations = self._world, self._world.tables.relations
        match action:
            case act.Posted():
                self._apply_post(action, post_key(seq), fan_out)
            case act.Deleted(post=post) | act.Restored(post=post):
                world.tables.posts.set_flag(self.row(post), Flag.DELETED, isinstance(action, act.Deleted))
            case act.Liked(user, post):
                self._likes.add((user, post))
                world.tables.posts.likes[self.row(post)] += 1
            case act.Unliked(user, post):
                self._likes.discard((user, post))
                world.tables.posts.likes[self.row(post)] -= 1
            case act.Followed(user, other):
                world.follow(user, other)
            case act.Unfollowed(user, other):
                world.unfollow(user, other)
            case act.Blocked(user, other):
                world.unfollow(user, other)
                world.unfollow(other, user)
                relations.block(user, other)
            case act.Unblocked(user, other):
                relations.unblock(user, other)
            case act.Muted(user, other):
                relations.mute(user, other)
            case act.Unmuted(user, other):
                relations.unmute(user, other)
            case act.KnobsChanged(changes):
                world.set_knobs(dict(changes))
            case act.StrategyChanged(spec):
                world.set_strategy(spec)
            case act.Injected(scenario, _):
                world.inject(scenario)
            case act.Broke(kind, at_ns, lasts_ns, size, server):
                world.schedule([Fault(at_ns, kind, lasts_ns, size, server)])
            case _:
                pass

    def _apply_post(self, action: act.Posted, key: int, fan_out: bool) -> None:
        world, posts = self._world, self._world.tables.posts
        kind, ref = Kind.POST, NO_ROW
        if action.reply_to is not None:
            kind, ref = Kind.REPLY, self.row(action.reply_to)
        elif action.repost_of is not None:
            kind, ref = Kind.REPOST, self.row(action.repost_of)
        columns = ([action.user], [world.now_ns], [kind], [ref], [key])
        types = (np.int32, np.int64, np.int8, np.int32, np.int64)
        new = NewPosts(*(np.array(column, dtype) for column, dtype in zip(columns, types, strict=True)))
        rows = posts.append(new)
        posts.text[int(rows[0])] = action.text
        if action.media:
            posts.media[int(rows[0])] = int(action.media[0])
        world.publish(rows, key, fan_out)

    def _do(self, action: act.Action) -> bool:
        seq = self.journal.append_action(self._world.now_ns, action)
        self.apply(action, seq)
        self._world.notes.acted(self._world.now_ns, action, self._about(action))
        return True

    def _about(self, action: act.Action) -> int | None:
        """The row of the post that an action made, or is about."""
        if isinstance(action, act.Posted):
            return self._world.tables.posts.size - 1
        post = getattr(action, "post", None)
        return None if post is None else self.row(post)

    def _post(self, action: act.Posted) -> PostView:
        self._do(action)
        return self.view(self._world.tables.posts.size - 1)

    # Checks and look-ups

    def user(self, user: int) -> int:
        """This id, checked."""
        return check_user(user, self._world.tables.graph.n)

    def _pair(self, user: int, other: int, verb: str) -> None:
        check_not_self(self.user(user), self.user(other), verb)

    def row(self, post: int) -> int:
        """The row of a post, deleted or not."""
        return row_of(self._world.tables.posts, post)

    def _standing(self, post: int) -> int:
        """The row of a post that is not deleted."""
        row = self.row(post)
        if self._world.tables.posts.hidden(np.array([row]))[0]:
            raise UnknownPost(f"Post {post} was deleted; only posts that stand can be answered, liked or reposted.")
        return row

    def _target(self, user: int, post: int) -> int:
        """The id of what a post shows (of a repost, its root), which this person may act on."""
        row = self._standing(post)
        root = self._world.tables.posts.identity[row]
        for shown in (row, root):
            self._not_blocked(self.user(user), shown)
        return self._root(row)

    def _root(self, row: int) -> int:
        """The id of what a row shows: the post itself, or what it repeats."""
        return self._key(self._world.tables.posts.identity[row])

    def _own(self, user: int, post: int) -> int:
        row = self.row(post)
        if self._world.tables.posts.author[row] != self.user(user):
            raise NotAllowed(f"Post {post} is not user {user}'s; people delete and restore only their own posts.")
        return row

    def _deleted(self, row: int) -> bool:
        return bool(self._world.tables.posts.flags[row] & Flag.DELETED)

    def _not_blocked(self, user: int, row: int) -> None:
        author = int(self._world.tables.posts.author[row])
        if user != author and self._world.tables.relations.blocks_either(user, author):
            raise NotAllowed(f"User {user} cannot act on posts of user {author}: one of them blocks the other.")

    def _repost_of(self, user: int, row: int) -> int | None:
        """This person's standing repost of a post."""
        posts = self._world.tables.posts
        rows = posts.rows_of(user)
        same = (posts.kind[rows] == Kind.REPOST) & (posts.identity[rows] == posts.identity[row])
        standing = rows[same & ((posts.flags[rows] & Flag.DELETED) == 0)]
        return int(standing[0]) if len(standing) else None

    def _follows(self, user: int, other: int) -> bool:
        return bool(self._world.tables.graph.follows([user], [other])[0])

    def _key(self, row: int) -> int:
        return int(self._world.tables.posts.key[row])


def post_key(seq: int) -> int:
    """The content key of the post that journal entry `seq` made."""
    return Stream.PEOPLE << 48 | seq
