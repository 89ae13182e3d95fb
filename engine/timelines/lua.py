"""What Redis runs in one step: the scripts of redis_store.py. Those for pushes and reads take many lists at a time, for
a script costs more to call than to run; in a cluster they want the keys of one shard.

A key is one user's sorted set: each row a member scored by itself, and the member "h", scored horizon - 0.5, which
so always sorts first. The horizon stands inside the set because an emptied sorted set vanishes, and because a key of
its own could outlive an evicted list. Rows pass as decimal strings; scores are doubles, exact up to 2^53.
"""

_TAKE = """
local key, mark

-- The list that is worked on from here on.
local function open(name)
  key = name
  mark = redis.call('ZSCORE', key, 'h')
end

-- Take a row as the port promises. Answers whether it is newly held, and how many entries it pushed out.
local function take(row, cap)
  if not mark or tonumber(row) < tonumber(mark) or redis.call('ZADD', key, 'NX', row, row) == 0 then
    return false, 0
  end
  if redis.call('ZCARD', key) - 1 <= cap then
    return true, 0
  end
  local oldest = redis.call('ZRANGE', key, 1, 2)
  redis.call('ZREM', key, oldest[1])
  mark = tonumber(oldest[2]) - 0.5
  redis.call('ZADD', key, mark, 'h')
  if oldest[1] == row then
    return false, 0
  end
  return true, 1
end

-- The horizon becomes floor; entries below it go.
local function set_horizon(floor)
  mark = floor - 0.5
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. floor)
  redis.call('ZADD', key, mark, 'h')
end
"""

PUSH = (
    _TAKE
    + """
-- KEYS: lists. ARGV: cap, then for each list the number of its rows, and the rows. Answers one 0 or 1 per row
-- (inserted), then the trims.
local answer, trims, cap, at = {}, 0, tonumber(ARGV[1]), 2
for _, name in ipairs(KEYS) do
  open(name)
  local last = at + tonumber(ARGV[at])
  for i = at + 1, last do
    local held, dropped = take(ARGV[i], cap)
    answer[#answer + 1] = held and 1 or 0
    trims = trims + dropped
  end
  at = last + 1
end
answer[#answer + 1] = trims
return answer
"""
)

PUSH_FOLLOWED = (
    _TAKE
    + """
-- KEYS: a list and the set of those whom its owner follows, and so on. ARGV: cap, then for each list the number of its
-- rows, and each row with its author. A row of somebody who is not followed now is passed over. Answers as PUSH.
local answer, trims, cap, at = {}, 0, tonumber(ARGV[1]), 2
for k = 1, #KEYS, 2 do
  open(KEYS[k])
  local last = at + 2 * tonumber(ARGV[at])
  for i = at + 1, last, 2 do
    local held, dropped = false, 0
    if redis.call('SISMEMBER', KEYS[k + 1], ARGV[i + 1]) == 1 then
      held, dropped = take(ARGV[i], cap)
    end
    answer[#answer + 1] = held and 1 or 0
    trims = trims + dropped
  end
  at = last + 1
end
answer[#answer + 1] = trims
return answer
"""
)

MERGE = (
    _TAKE
    + """
-- KEYS: one list. ARGV: cap, floor, rows.
open(KEYS[1])
for i = 3, #ARGV do
  take(ARGV[i], tonumber(ARGV[1]))
end
if mark and tonumber(mark) < tonumber(ARGV[2]) - 0.5 then
  set_horizon(tonumber(ARGV[2]))
end
return 1
"""
)

COMMIT = (
    _TAKE
    + """
-- KEYS: one list. ARGV: cap, floor, the horizon that begin_rebuild set, rows. Answers 1 if committed, 0 if dropped.
open(KEYS[1])
if not mark or tonumber(mark) ~= tonumber(ARGV[3]) - 0.5 then
  redis.call('DEL', key)
  return 0
end
set_horizon(tonumber(ARGV[2]))
for i = 4, #ARGV do
  take(ARGV[i], tonumber(ARGV[1]))
end
return 1
"""
)

RESET = """
-- KEYS: one list. ARGV: the horizon of the list, which is then empty.
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], tonumber(ARGV[1]) - 0.5, 'h')
return 1
"""

READ = """
-- KEYS: lists. ARGV: limit, then where each page begins. Answers for each list the horizon's score, then the rows,
-- newest first: one more than limit if there are more. Nothing where there is no list.
local pages = {}
for i, key in ipairs(KEYS) do
  local rows, mark = {}, redis.call('ZSCORE', key, 'h')
  if mark then
    rows = redis.call('ZREVRANGEBYSCORE', key, '(' .. ARGV[i + 1], '(' .. mark, 'LIMIT', 0, ARGV[1] + 1)
    table.insert(rows, 1, mark)
  end
  pages[i] = rows
end
return pages
"""

HORIZONS = """
-- KEYS: lists. Answers for each the horizon's score; an empty text where there is no list.
local marks = {}
for i, key in ipairs(KEYS) do
  marks[i] = redis.call('ZSCORE', key, 'h') or ''
end
return marks
"""
