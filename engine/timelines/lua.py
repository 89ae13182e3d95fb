"""What Redis runs in one step: the scripts of redis_store.py.

KEYS[1] is one user's sorted set: each row a member scored by itself, and the member "h", scored horizon - 0.5, which
so always sorts first. The horizon stands inside the set because an emptied sorted set vanishes, and because a key of
its own could outlive an evicted list. Rows pass as decimal strings; scores are doubles, exact up to 2^53.
"""

_TAKE = """
local key = KEYS[1]
local mark = redis.call('ZSCORE', key, 'h')

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
-- ARGV: cap, rows. Answers one 0 or 1 per row (inserted), then the trims.
local answer, trims = {}, 0
for i = 2, #ARGV do
  local held, dropped = take(ARGV[i], tonumber(ARGV[1]))
  answer[i - 1] = held and 1 or 0
  trims = trims + dropped
end
answer[#ARGV] = trims
return answer
"""
)

MERGE = (
    _TAKE
    + """
-- ARGV: cap, floor, rows.
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
-- ARGV: cap, floor, the horizon that begin_rebuild set, rows. Answers 1 if committed, 0 if dropped.
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
-- ARGV: the horizon of the list, which is then empty.
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], tonumber(ARGV[1]) - 0.5, 'h')
return 1
"""

READ = """
-- ARGV: limit, before. Answers the horizon's score, then the rows, newest first: one more than limit if there are more.
local mark = redis.call('ZSCORE', KEYS[1], 'h')
if not mark then
  return {}
end
local rows = redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '(' .. mark, 'LIMIT', 0, ARGV[1] + 1)
table.insert(rows, 1, mark)
return rows
"""
