"""How real feed engines behave, row by row of the checklist (sources read in public, restated as behaviour).

Every test is named after its row and runs on small worlds, mostly under all five strategies. Where a row and the
timeline law differ, the law holds:

| Row | Here |
|---|---|
| 14 | An original that comes after its repost is not dropped: originals are never hidden, the repost above is. |
| 21 | A follow back-fills the newest `cap` posts, not a quarter; what lies below is pulled, so pages go to the end. |
| 30 | A block purges nothing: pages are judged, so the rest keeps its order, and lifting the block shows all again. |
| 27 | "Parent unknown" cannot happen: a reply to a post that is not there is refused. |
| 39 | Cursors go down only (`max_id`); there is no `since_id` or `min_id`, and no offset. |

What does not apply, and why:

| Row | Why not |
|---|---|
| 8 | Trimming is not lazy: a list never exceeds its cap; what is left of the row is tested. |
| 19 | Nobody can opt out of the joining of reposts. |
| 29 | A follow cannot leave out reposts. |
| 35 | Posts cannot be edited. |
| H3 | No strategy here decides by the pair of producer and consumer. |
| H5 | No strategy here loses posts on purpose (`lossy`). |
"""

NOT_HERE = {"19", "29", "35", "h3", "h5"}
"""Rows without a test."""
