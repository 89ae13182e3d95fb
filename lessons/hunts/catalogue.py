"""The hunts, from what can be read off a chart to what takes a trace."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.errors import UnknownName
from engine.observe.metric import Metric
from lessons.hunts import acts
from lessons.hunts.hunt import Hunt

_SLOW = {"workers.count": 1, "costs.delivery_us": 600}
"""One slow worker: copies stand in line for seconds."""

HUNTS: Mapping[str, Hunt] = MappingProxyType(
    {
        hunt.name: hunt
        for hunt in (
            # In plain sight: a chart or a figure says it
            Hunt(
                name="memory_bill", title="The memory bill", level=1, defect="never_trims",
                symptom="Operations: the timeline cache grows day and night, and it never shrinks. The feed itself is "
                "fine, nobody has complained.",
                figure="over_cap",
                hints=(
                    "Compare the summary figures of both runs: which of them is 0 here and large in the healthy run?",
                    "Look at how long one stored list is, and what the cap is set to.",
                    "Every delivery adds an entry. Something else has to take one away.",
                ),
                decoys=("keeps_one_more", "keeps_twice", "pushes_into_cold", "unfollow_sweeps_nothing"),
                watch=(Metric.TRIMS, Metric.DELIVERIES), knobs={"timeline.cap": 100},
            ),
            Hunt(
                name="too_good", title="Too good to be true", level=1, defect="lag_at_first_follower",
                symptom="Readers: when Nova posts, we hear of it many seconds later. Operations: the dashboard shows a "
                "lag of well under a second, all day.",
                figure="lag_p99",
                hints=(
                    "Lay the chart of the lag over that of the queue: when Nova posts, do they tell one story?",
                    "A queue of thousands of copies takes seconds to clear. Whose wait does the lag speak of?",
                    "One post of Nova goes to about 1,500 people. Ask at which of them its clock is stopped.",
                ),
                decoys=("counts_twice", "strangers_first", "followers_capped", "order_by_arrival"),
                watch=(Metric.VISIBLE_LAG, Metric.QUEUE_REST), knobs=_SLOW, act=acts.celebrity_posts,
            ),
            Hunt(
                name="more_than_planned", title="More than was planned", level=1, defect="counts_twice",
                symptom="Operations: for eight seconds the dashboard shows far more deliveries than posts and "
                "followers can explain. The readers notice nothing.",
                figure="delivered_share",
                hints=(
                    "Compare planned copies and deliveries in the summary.",
                    "Open the audit: is anything in a list that should not be there?",
                    "The broker hands finished jobs out again in those seconds. The lists are right; who counts?",
                ),
                decoys=("keeps_twice", "lag_at_first_follower", "strangers_first", "never_trims"),
                watch=(Metric.DELIVERIES, Metric.REDELIVERIES), faults=("broker_redelivers@2+8x1",),
            ),
            Hunt(
                name="friends_last", title="Friends come last", level=1, defect="strangers_first",
                symptom="Readers: when Nova posts, we wait seconds for the posts of our own friends. There are lanes "
                "for exactly that, and they are switched on.",
                figure="queue_close_peak",
                hints=(
                    "There are two lanes, and a chart for each. Which of them is long when Nova posts?",
                    "The friends' lane is served first. Hardly anybody whom Nova follows back should be in it.",
                    "Both lanes work as they should. Ask who is put into which.",
                ),
                decoys=("order_by_arrival", "own_post_in_queue", "followers_capped", "lag_at_first_follower"),
                watch=(Metric.QUEUE_CLOSE, Metric.QUEUE_REST, Metric.VISIBLE_LAG),
                knobs=_SLOW, act=acts.celebrity_posts,
            ),
            Hunt(
                name="second_wipe", title="The second wipe", level=1, defect="marker_never_cleared",
                symptom="Since the cache was wiped a second time, home pages have been slow and the author index is "
                "busy. After the first time all was well within seconds.",
                figure="without_list",
                hints=(
                    "Look at the hits after the first wipe and after the second.",
                    "Whoever reads without a list is to be given a new one. Count the lists made anew in both runs.",
                    "Each reader was given a new list once. What is remembered of that?",
                ),
                decoys=("pushes_into_cold", "rebuild_loses_pushes", "index_cut_short", "dead_letters_forgotten"),
                watch=(Metric.TIMELINE_HITS, Metric.REBUILDS, Metric.AUTHORS_ASKED),
                faults=("cache_flushed@2", "cache_flushed@7"), knobs={"load.reads_per_s": 600.0},
            ),
            Hunt(
                name="lost_hands", title="Lost with its hands", level=1, defect="acknowledges_first",
                symptom="Since some workers crashed, a few readers have lacked posts for good. The workers were back "
                "at once, but the queue's meter has never gone back to zero.",
                figure="queue_end",
                hints=(
                    "Look at the end of the queue's chart: everything has been drained, and yet it is not 0.",
                    "Those who lack a post: ask the trace where their copy is.",
                    "What a worker has in hand when it dies must belong to somebody. To whom, here?",
                ),
                decoys=("dead_letters_forgotten", "followers_capped", "keeps_twice", "rebuild_loses_pushes"),
                watch=(Metric.QUEUE_REST, Metric.DELIVERIES), faults=("worker_crash@6x4",),
                knobs={"workers.count": 4, "costs.delivery_us": 4_000},
            ),
            Hunt(
                name="thin_pages", title="Thin pages", level=1, defect="limit_before_filter",
                symptom="Readers: home is one page, often a few posts short, and there is nothing behind it. Last week "
                "one could scroll for ever.",
                figure="scrolled",
                hints=(
                    "Compare the posts on a page in both runs, and the number of stored entries.",
                    "The lists are whole. What is left out of a page on purpose, and when?",
                    "Answers to strangers are left out. Count: so many entries fetched, so many shown.",
                ),
                decoys=("index_cut_short", "offset_paging", "keyed_by_time", "never_trims"),
                watch=(Metric.BODY_HITS, Metric.ROWS_READ), knobs={"load.posts_per_s": 60.0, "load.reply_share": 0.5},
                act=acts.scrolls_to_the_end,
            ),
            # Look closer: the audit finds it, one list explains it
            Hunt(
                name="off_by", title="Off by how much?", level=2, defect="keeps_one_more",
                symptom="A customer counts more entries in their lists than the 100 of their contract. It is so for "
                "every long list.",
                figure="over_cap",
                hints=(
                    "Open one of the long lists and count.",
                    "Entries are trimmed: the chart says so. To what length?",
                    "Every long list is too long by the same amount.",
                ),
                decoys=("never_trims", "keeps_twice", "unfollow_sweeps_nothing", "keyed_by_time"),
                watch=(Metric.TRIMS,), knobs={"timeline.cap": 100},
            ),
            Hunt(
                name="still_there", title="Still there", level=2, defect="unfollow_sweeps_nothing",
                symptom="Readers: we have unfollowed people, and all their old posts are still in our home.",
                figure="foreign",
                hints=(
                    "Open the audit: which kind of wrong entry is there?",
                    "Look at one list. What kinds of posts are foreign, and are they older or newer than the unfollow?",
                    "Nothing new arrives. It is only that nothing goes.",
                ),
                decoys=("unfollow_leaves_reposts", "unfollow_wrong_column", "no_check_on_apply", "never_trims"),
                watch=(Metric.UNFOLLOWS, Metric.DELIVERIES), knobs={"load.unfollows_per_s": 30.0},
            ),
            Hunt(
                name="passed_on", title="Passed on for ever", level=2, defect="unfollow_leaves_reposts",
                symptom="Readers: those whom we unfollow are gone, but what they had passed on stays in our home.",
                figure="foreign",
                hints=(
                    "Open the audit and look at one list with foreign entries.",
                    "Compare the kinds of the foreign entries. What do they have in common?",
                    "A repost belongs to whoever passes it on, not to whoever wrote the post.",
                ),
                decoys=("unfollow_sweeps_nothing", "no_check_on_apply", "undo_ignored", "unfollow_wrong_column"),
                watch=(Metric.UNFOLLOWS, Metric.REPOSTS),
                knobs={"load.unfollows_per_s": 60.0, "load.repost_share": 0.5},
                seconds=16,
            ),
            Hunt(
                name="keeps_coming", title="It keeps coming", level=2, defect="unfollow_wrong_column",
                symptom="Readers: we unfollowed somebody, and their old posts went. Now their new posts arrive as if "
                "nothing had happened.",
                figure="foreign",
                hints=(
                    "Open one list with foreign entries: are they older or newer than the unfollow?",
                    "Fan-out asks for an author's followers; a profile asks whom a reader follows. Two questions.",
                    "The graph is kept in two directions. Which of them did the unfollow reach?",
                ),
                decoys=("unfollow_sweeps_nothing", "no_check_on_apply", "pushes_into_cold", "block_one_way"),
                watch=(Metric.UNFOLLOWS, Metric.DELIVERIES), knobs={"load.unfollows_per_s": 90.0}, seconds=16,
            ),
            Hunt(
                name="one_last", title="One last post", level=2, defect="no_check_on_apply",
                symptom="Readers: we unfollowed Nova while everybody was hearing from her. One last post came after "
                "that, and it will not go away.",
                figure="foreign",
                hints=(
                    "Open a list with a foreign entry: when was that post written, and when did the follow end?",
                    "The post is older than the unfollow, and it was delivered after it.",
                    "Between planning a copy and writing it lie seconds here. What is asked at the end of them?",
                ),
                decoys=("unfollow_sweeps_nothing", "unfollow_wrong_column", "strangers_first", "order_by_arrival"),
                watch=(Metric.QUEUE_REST, Metric.UNFOLLOWS), knobs={**_SLOW, "load.unfollows_per_s": 60.0},
                act=acts.celebrity_posts,
            ),
            Hunt(
                name="empty_welcome", title="An empty welcome", level=2, defect="follow_without_backfill",
                symptom="Readers: we follow somebody new, and nothing of theirs is in our home. Their next post comes "
                "at once.",
                figure="missing",
                hints=(
                    "Open the audit: which kind of wrong entry is there?",
                    "Look at one list: whose posts are missing, and are those older or newer than the follow?",
                    "What is posted from now on is pushed. What was posted before has to come in another way.",
                ),
                decoys=("followers_capped", "index_cut_short", "rebuild_compares_receiver", "no_check_on_apply"),
                watch=(Metric.FOLLOWS,), knobs={"load.follows_per_s": 30.0},
            ),
            Hunt(
                name="nova_who", title="Nova who?", level=2, defect="followers_capped",
                symptom="Readers: Nova has posted eight times, and most of us have not got one of them. Her friends "
                "say that they got all. The dashboard says that all is well.",
                figure="missing",
                hints=(
                    "Compare the planned copies of both runs.",
                    "Open the audit: by whom are the missing posts? By anybody with few followers?",
                    "Sort those who got it by user number. Where does it end?",
                ),
                decoys=("celebrities_now", "dead_letters_forgotten", "acknowledges_first", "strangers_first"),
                watch=(Metric.PLANNED, Metric.VISIBLE_LAG), act=acts.celebrity_posts,
            ),
            Hunt(
                name="busy_second", title="In a busy second", level=2, defect="keyed_by_time",
                symptom="Readers: posts vanish when much is going on. It happens to anybody's posts, at any age, and "
                "no crash or retry was seen.",
                figure="missing",
                hints=(
                    "Open a list with a missing post, and look at its neighbours.",
                    "Look at the times: which post stands where the missing one should?",
                    "Two posts of the same second, and only one of them is there.",
                ),
                decoys=("dead_letters_forgotten", "keeps_twice", "order_by_arrival", "acknowledges_first"),
                watch=(Metric.POSTS, Metric.DELIVERIES), knobs={"load.posts_per_s": 60.0},
            ),
            Hunt(
                name="twice_told", title="Twice told", level=2, defect="keeps_twice",
                symptom="Readers: for some seconds every post came twice, and both stay.",
                figure="duplicate",
                hints=(
                    "Open the audit, and one list.",
                    "Look at what the broker did in those seconds.",
                    "A broker may deliver more than once. What has to be true of a list then?",
                ),
                decoys=("counts_twice", "order_by_arrival", "offset_paging", "undo_ignored"),
                watch=(Metric.REDELIVERIES, Metric.DELIVERIES), faults=("broker_redelivers@3+5x1",),
            ),
            Hunt(
                name="yesterday_first", title="The old on top", level=2, defect="order_by_arrival",
                symptom="Readers: answers stand below what they answer one moment, and above it the next. Old posts "
                "appear on top of new ones.",
                figure="out_of_order",
                hints=(
                    "Open the audit, and a list with entries out of order.",
                    "Compare the place of an entry with the time of its post.",
                    "Batches reached the lists late, in any order. What decides where a late copy goes?",
                ),
                decoys=("keeps_twice", "keyed_by_time", "strangers_first", "offset_paging"),
                watch=(Metric.VISIBLE_LAG, Metric.DELIVERIES), faults=("deliveries_reordered@2+9x3000",),
            ),
            Hunt(
                name="given_up", title="Given up", level=2, defect="dead_letters_forgotten",
                symptom="One post kept crashing workers until its copies were put aside. The fault is mended, and its "
                "author's followers still have not got that post.",
                figure="missing",
                hints=(
                    "Look at the copies given up, and at the missing entries: are they as many?",
                    "Open a list with a missing post: its copy was given up. Is the post on that person's page?",
                    "The copies are in the dead letters, rightly. How should readers get the post meanwhile?",
                ),
                decoys=("acknowledges_first", "followers_capped", "celebrities_now", "keeps_twice"),
                watch=(Metric.DEAD_LETTERED, Metric.RETRIES), faults=("poison_job@3+6x100",),
                knobs={"fanout.max_attempts": 2, "mitigations.dead_letters": True, "load.reply_share": 0.0},
            ),
            Hunt(
                name="half_a_return", title="Half a return", level=2, defect="rebuild_compares_receiver",
                symptom="Since the cache was wiped, people who only ever read miss everything of some whom they "
                "follow. People who post a lot miss little.",
                figure="missing",
                hints=(
                    "Open the audit: are single posts missing, or everything of an author?",
                    "A rebuild goes through the followees in order. Whose posts are there, and whose are not?",
                    "Once a list is full enough, a followee who has long been silent may be skipped. Who was asked?",
                ),
                decoys=("rebuild_loses_pushes", "index_cut_short", "followers_capped", "pushes_into_cold"),
                watch=(Metric.REBUILDS, Metric.TIMELINE_HITS), faults=("cache_flushed@4",), knobs={"timeline.cap": 100},
            ),
            Hunt(
                name="lone_post", title="A lone post", level=2, defect="pushes_into_cold",
                symptom="Since the cache was wiped, some homes have held a post or two and nothing else. The hit rate "
                "has never been better.",
                figure="missing",
                hints=(
                    "Compare hit rate and lists made anew in both runs after the wipe.",
                    "Open one of those lists: from which time are its entries?",
                    "Copies were under way when the lists went. What did they find when they arrived?",
                ),
                decoys=("marker_never_cleared", "rebuild_compares_receiver", "never_trims", "limit_before_filter"),
                watch=(Metric.TIMELINE_HITS, Metric.REBUILDS), faults=("cache_flushed@6",), knobs=_SLOW,
            ),
            Hunt(
                name="under_repair", title="Lost under repair", level=2, defect="rebuild_loses_pushes",
                symptom="Since the cache was wiped, some readers have lacked one post or two, all from the same "
                "seconds. Older and newer ones are there.",
                figure="missing",
                hints=(
                    "Open the audit: from when are the missing posts?",
                    "Their owners' lists were being made anew at that time. That takes a moment.",
                    "A push that arrives in that moment lands in the list. What happens to it when the rebuild ends?",
                ),
                decoys=("rebuild_compares_receiver", "pushes_into_cold", "acknowledges_first", "keyed_by_time"),
                watch=(Metric.REBUILDS, Metric.DELIVERIES), faults=("cache_flushed@4",),
                knobs={"load.posts_per_s": 80.0, "load.reads_per_s": 900.0},
            ),
            # Well hidden: lists are right; requests have to be followed
            Hunt(
                name="deja_vu", title="Seen before", level=3, defect="offset_paging",
                symptom="Readers: on the second page there are posts that we have just seen on the first. It is worse "
                "in the evening.",
                figure="again",
                hints=(
                    "The audit is clean. So the lists are right, and the page is not.",
                    "Read the traces of one reader's pages, and the posts in between.",
                    "Between two pages new posts came in at the top. From where is the second page counted?",
                ),
                decoys=("keeps_twice", "limit_before_filter", "order_by_arrival", "undo_ignored"),
                watch=(Metric.POSTS, Metric.DELIVERIES), act=acts.scrolls,
            ),
            Hunt(
                name="where_is_it", title="Where is it?", level=3, defect="own_post_in_queue",
                symptom="People post, open home, and their post is not there. Many post it again.",
                figure="own_missing",
                hints=(
                    "Follow one request: somebody posts and opens home at once.",
                    "The post is accepted and in the author index. In whose list is it, and when?",
                    "It comes, some seconds later, as it does for followers.",
                ),
                decoys=("no_check_on_apply", "strangers_first", "keyed_by_time", "follow_without_backfill"),
                watch=(Metric.POST_LATENCY, Metric.QUEUE_REST), act=acts.posts_and_looks, seconds=14,
            ),
            Hunt(
                name="zombie", title="It was taken back", level=3, defect="undo_ignored",
                symptom="Two people passed a post on, and both took that back, the later one first. Their followers "
                "still see it, by the one who took it back first.",
                figure="undone",
                hints=(
                    "The audit is clean: lists hold what they should. Pages are judged when they are made.",
                    "Follow the requests of both who took it back, in their order.",
                    "When the first one took it back, readers did not see that repost: another one stood before it.",
                ),
                decoys=("unfollow_leaves_reposts", "keeps_twice", "block_one_way", "offset_paging"),
                watch=(Metric.REPOSTS,), act=acts.undo_reposts,
            ),
            Hunt(
                name="still_reads_me", title="They still read me", level=3, defect="block_one_way",
                symptom="People: we blocked somebody, and they still answer to what we write. They see it whenever a "
                "friend passes it on.",
                figure="seen_blocked",
                hints=(
                    "The audit is clean: lists are raw, and a block is judged on the page.",
                    "Follow one who was blocked: whose post is on their page, and through whom?",
                    "A block has two sides. Which of them is asked when their page is made?",
                ),
                decoys=("undo_ignored", "unfollow_wrong_column", "no_check_on_apply", "unfollow_leaves_reposts"),
                watch=(Metric.REPOSTS, Metric.READS), act=acts.blocks,
            ),
            Hunt(
                name="fallen_star", title="A fallen star", level=3, defect="celebrities_now",
                symptom="Since an account lost some followers, what it had posted before has been gone from "
                "everybody's home. What it posts now is there.",
                figure="not_found",
                hints=(
                    "The missing posts are on the author's profile. Why are they in no list?",
                    "They were not pushed: the account was large when it wrote them. Readers pull such posts.",
                    "The account is now below the threshold. What do readers ask before they pull?",
                ),
                decoys=("followers_capped", "dead_letters_forgotten", "index_cut_short", "unfollow_wrong_column"),
                watch=(Metric.AUTHORS_ASKED, Metric.PLANNED), strategy="hybrid:threshold=150", act=acts.loses_followers,
            ),
            Hunt(
                name="dead_end", title="A dead end", level=3, defect="index_cut_short",
                symptom="Readers: of people who post several times in a row we find only the last post or two, however "
                "far we scroll. On their profile all of them are there.",
                figure="scrolled",
                hints=(
                    "Nobody holds a list here: every page is pulled from the authors.",
                    "Compare the rows read per page, and how far one can scroll, in both runs.",
                    "Each author answers with a few rows at a time. How does a reader know that there are more?",
                ),
                decoys=("limit_before_filter", "offset_paging", "never_trims", "celebrities_now"),
                watch=(Metric.ROWS_READ, Metric.AUTHORS_ASKED), strategy="pull", 
                knobs={"read.per_author": 1, "load.posts_per_s": 60.0, "load.reads_per_s": 60.0},
                act=acts.scrolls_to_the_end,
            ),
        )
    }
)  # fmt: skip
"""All of them by name."""


def find_hunt(name: str) -> Hunt:
    """The hunt of this name.

    Raises:
        UnknownName: there is none.
    """
    if name not in HUNTS:
        raise UnknownName(f"There is no hunt {name!r}; allowed: {', '.join(HUNTS)}.")
    return HUNTS[name]
