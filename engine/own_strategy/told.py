"""A random history in words, for whoever's strategy broke the law in it."""

from engine.own_strategy.histories import USERS, Act, history


def history_in_words(seed: int, number: int) -> tuple[str, list[str]]:
    """(who follows whom, and what this world has unlike others; what happens, in its order), of a history."""
    told = history(seed, number)
    follows = "; ".join(
        f"{user} follows {', '.join(map(str, sorted(others)))}"
        for user in range(USERS)
        if (others := {b for a, b in told.follows if a == user})
    )
    unlike = ", ".join(f"{name}={value}" for name, value in told.knobs.items() if name != "seed")
    return f"{follows}. {f'Set: {unlike}.' if unlike else 'All settings are the usual ones.'}", [*map(_told, told.acts)]


def _told(act: Act) -> str:
    other = (act.user + 1 + act.other) % USERS
    return {
        "post": f"{act.user} posts",
        "repost": f"{act.user} reposts an earlier post",
        "follow": f"{act.user} follows {other}",
        "unfollow": f"{act.user} unfollows {other}",
        "crowd": f"everybody follows {act.user}",
        "desert": f"everybody unfollows {act.user}",
        "evict": f"the list of {act.user} is dropped",
        "away": f"{act.user} has been away for 60 days",
        "step": f"{other} opens home; {act.amount:,} ms pass",
    }[act.verb]
