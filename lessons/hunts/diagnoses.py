"""What is to be said about each defect once it has been found: cause, fix, why it shows so, and the right way."""

from collections.abc import Mapping
from types import MappingProxyType

from lessons.hunts.hunt import Diagnosis

_UPKEEP = "engine.write_path.upkeep"
_RING = "engine.timelines.ring.RingStore"

DIAGNOSES: Mapping[str, Diagnosis] = MappingProxyType(
    {
        "never_trims": Diagnosis(
            "Entries are added to lists, and none is ever cut off",
            "Trim the list to its cap in the same step as every push",
            "Each delivery adds four bytes or, in Redis, some eighty. Readers never look so deep, so nobody notices.",
            "A push above the cap lets the lowest entries go, and notes from which row on the list is complete.",
            f"{_RING}._trim",
        ),
        "keeps_one_more": Diagnosis(
            "The trim keeps one entry more than the cap",
            "Let the last place kept be the cap minus one: places count from zero",
            "LTRIM 0 N keeps N + 1 entries. The same mistake at a page's end shows a post twice.",
            "The cap is how many entries stay, and a test asks for exactly so many.",
            f"{_RING}._trim",
        ),
        "keeps_twice": Diagnosis(
            "A copy that is delivered again is stored again",
            "Make the list a set: one entry for each owner and post",
            "A broker hands out at least once. A list that appends takes each redelivery for a new post.",
            "Owner and post together are the key of an entry, so delivering twice is delivering once.",
            "engine.timelines.port.TimelineStore.push",
        ),
        "counts_twice": Diagnosis(
            "Copies of repeated attempts are counted as new deliveries",
            "Count a delivery only where the push says that the entry is new",
            "The lists were right all along. The counter asked the worker, who only knows what it sent.",
            "The push answers which entries were new, and only first copies of those are counted.",
            "engine.observe.recorder.Recorder.delivered",
        ),
        "lag_at_first_follower": Diagnosis(
            "The lag of a post is taken when its first follower has it",
            "Measure every delivery, from accepted to readable",
            "The first of 1,500 followers has it within a moment. The last one waits for all copies in between.",
            "Every copy of every post is one measurement, so that the p99 is that of the followers.",
            "engine.observe.recorder.Recorder.delivered",
        ),
        "strangers_first": Diagnosis(
            "Copies are put into the wrong lane: friends behind, all the others in front",
            "Put those into the front lane whom the author follows back",
            "The lane that is always served first holds Nova's 1,500 copies, and friends wait behind them.",
            "Close is whoever is followed back; that is asked for each follower when the jobs are cut.",
            "engine.write_path.plan.plan",
        ),
        "marker_never_cleared": Diagnosis(
            "A marker says that a list was made anew, and nobody takes it away",
            "Clear the marker when the rebuild ends, also when it fails",
            "The first return is served well. At the second the marker is still there, and everybody pulls for good.",
            "Whether somebody needs a list is read from the list itself; there is no flag beside it.",
            f"{_UPKEEP}.Rebuilds.advance",
        ),
        "acknowledges_first": Diagnosis(
            "Workers confirm their jobs before they have written them",
            "Confirm a job after its copies are written, and hand out again what was not confirmed",
            "What a worker confirmed and did not write belongs to nobody. No retry comes, and no meter counts it down.",
            "A crash hands the jobs of the batch out again; lists do not mind to be written twice.",
            "engine.write_path.fanout.Fanout.crash",
        ),
        "limit_before_filter": Diagnosis(
            "The limit is applied before the filters, and what is left passes for the whole",
            "Filter first, and fetch on until the page is full or the list has ended",
            "Twenty entries are fetched. Answers to strangers go, and a short page is taken for the end.",
            "A page goes deeper until it is full or the true end is reached (rule 11).",
            "engine.read_path.assemble._deepen",
        ),
        "unfollow_sweeps_nothing": Diagnosis(
            "An unfollow changes the graph only; the stored list is left as it is",
            "Take the author's entries, posts and reposts, out of the list when a follow ends",
            "The graph is asked when copies are made. What lies in the list was copied before.",
            "An unfollow removes the edge and sweeps what that author posted and reposted (rule 6).",
            f"{_UPKEEP}.unfollow",
        ),
        "unfollow_leaves_reposts": Diagnosis(
            "The sweep at an unfollow looks for posts that the author wrote, not for those they passed on",
            "Sweep by who put the entry into the list, reposts included",
            "A repost shows somebody else's words, so a search by writer passes it over.",
            "The sweep goes by the author of the row: a repost is a row of whoever passes it on (rule 6).",
            f"{_UPKEEP}.unfollow",
        ),
        "unfollow_wrong_column": Diagnosis(
            "An unfollow is removed from one direction of the graph, and fan-out reads the other",
            "Remove the follow from both directions in one step",
            "Asked whom they follow, the reader is told the truth. Asked who follows the author, the graph is wrong.",
            "Both rows change together, and neither is ever written alone.",
            "engine.graph.graph.Graph.unfollow",
        ),
        "no_check_on_apply": Diagnosis(
            "Whether the follow exists is asked when the job is made, not when its copy is written",
            "Ask again when the copy is written: does the follow exist now?",
            "The sweep went through the list while the copy stood in the queue. It came after the broom.",
            "Applying a copy asks whether the follow exists now (rule 5).",
            "engine.world.World._arriving",
        ),
        "follow_without_backfill": Diagnosis(
            "A follow changes the graph only; posts from before it are not fetched",
            "Put the author's newest posts into the list when they are followed",
            "Fan-out looks forward. Without a look back a new follow is silent until the next post.",
            "A follow sets the edge, then reads the author's newest posts into the list (rules 3 and 6).",
            f"{_UPKEEP}.follow",
        ),
        "followers_capped": Diagnosis(
            "The query for an author's followers has a limit that nobody notices",
            "Read the followers in pages until there are none left",
            "Accounts with few followers never meet the limit. Those cut off are counted as if they would pull.",
            "All followers are cut into jobs of a hundred, and a test counts 5,200 of them.",
            "engine.write_path.plan._cut",
        ),
        "keyed_by_time": Diagnosis(
            "The time alone is the key of an entry, so posts of one second overwrite each other",
            "Make the key unique: time, then a sequence number",
            "The busier it is, the more posts share a second. Each of them takes the place of the one before.",
            "Ids are made of time, shard and sequence, strictly growing; inside, a row number.",
            "engine.ids",
        ),
        "order_by_arrival": Diagnosis(
            "Lists are in the order in which copies arrive",
            "Sort by post id, whatever the order of arrival",
            "Retries, lanes and slow shards let copies overtake each other, and a late copy lands on top.",
            "The place of an entry is given by its post, so the order of arrival never shows (row 2).",
            f"{_RING}._push_sorted",
        ),
        "dead_letters_forgotten": Diagnosis(
            "Copies that were given up are nobody's business any more: readers do not look for those posts",
            "Let readers pull the posts whose copies were given up",
            "After the last attempt the copies are put aside, rightly. But the post counts as pushed: nobody asks.",
            "A post given up counts as not delivered, and readers pull its author (rule 4).",
            "engine.tables.Unpushed.raise_to",
        ),
        "rebuild_compares_receiver": Diagnosis(
            "The rebuild skips followees by the reader's own last post, not by theirs",
            "Compare the followee's last post with the oldest entry",
            "Whoever has not posted for long counts as older than everything, so all who come later are skipped.",
            "The snapshot takes the newest posts of every followee, and says from which row on it is complete.",
            f"{_UPKEEP}._snapshot",
        ),
        "rebuild_loses_pushes": Diagnosis(
            "The finished rebuild replaces the list, with what was pushed into it meanwhile",
            "Begin with an empty list that takes pushes, and add the snapshot to it at the end",
            "A snapshot is older than the moment in which it is stored. What came between the two is overwritten.",
            "A rebuild begins with an empty list in which pushes land; the commit adds to it (rule 8).",
            f"{_RING}.commit_rebuild",
        ),
        "pushes_into_cold": Diagnosis(
            "A push to a list that is gone makes a new one, which passes for complete",
            "Push only into lists that exist, and leave the others to a rebuild",
            "One late copy makes a list of one entry. It is found, so it is a hit, and no rebuild is asked for.",
            "No list is a horizon of infinity: no row is above it, so a push changes nothing (rule 2).",
            f"{_RING}.push",
        ),
        "index_cut_short": Diagnosis(
            "The first rows of each author are taken for all of their rows",
            "Say down to which row each answer is complete, and ask again below it",
            "The author index answers with a few rows at a time. Whoever takes them for all never asks below.",
            "Each source says down to which row it is complete; a merge holds down to the highest of them (rule 10).",
            "engine.posts.store.PostStore.latest",
        ),
        "offset_paging": Diagnosis(
            "The next page is counted from the top of the list, which has moved",
            "Page by the last post seen: everything older than it",
            "Three new posts push three old ones over the edge of the page, and they are shown again.",
            "A cursor names the last row that was shown; the next page is what lies below it (row 39).",
            "engine.reader.Reader.home",
        ),
        "own_post_in_queue": Diagnosis(
            "The author's own entry waits in the queue with everybody's",
            "Write a person's own post into their own list before the call returns",
            "A post is accepted at once and fanned out later. For its author, later looks like lost.",
            "A person's own post is in their own list before the call returns (rule 13).",
            "engine.world.World.publish",
        ),
        "undo_ignored": Diagnosis(
            "Taking back a repost that readers do not see returns early and changes nothing",
            "Record every undo, whether the repost is shown or not",
            "While another repost stands before it nobody sees the mistake. When that one goes, it is promoted.",
            "An undo sets a flag, always; what is shown is worked out from what stands (rule 1).",
            "engine.people.People.undo_repost",
        ),
        "block_one_way": Diagnosis(
            "A block is asked in one direction only: for whoever blocks, not for whoever is blocked",
            "Hide by both: whom I block, and who blocks me",
            "The page of the one who was blocked asks only whom they themselves have blocked.",
            "Whom a viewer must not see are those they block or mute, and those who block them (row 28).",
            "engine.graph.relations.Relations.hidden",
        ),
        "celebrities_now": Diagnosis(
            "Readers pull the accounts that are large now, not those with posts that were not pushed",
            "Note with each post whether it was pushed, and pull authors with posts that were not",
            "The posts were written when the account was large: nobody got a copy. Now it is small: nobody pulls.",
            "Readers pull an author who has a post that was not delivered, however large he is now (rule 4).",
            "engine.tables.Unpushed.as_of",
        ),
    }
)
"""By the defect's name."""
