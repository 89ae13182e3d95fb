"""What Redis runs in one step on the queue's keys, all of which lie together."""

ENQUEUE = """
-- KEYS: mark, jobs, late. ARGV: the entry that the mark must stand at, the one it moves to, 1 if the jobs are late,
-- then seq, row, author, after, upto, at of each job. Answers 1; 0 if the mark stood elsewhere, and nothing changed.
if redis.call('HGET', KEYS[1], 'seq') ~= ARGV[1] then
  return 0
end
for i = 4, #ARGV, 6 do
  local id = redis.call('XADD', KEYS[2], '*', 'seq', ARGV[i], 'row', ARGV[i + 1], 'author', ARGV[i + 2],
    'after', ARGV[i + 3], 'upto', ARGV[i + 4], 'at', ARGV[i + 5])
  if ARGV[3] == '1' then
    redis.call('ZADD', KEYS[3], ARGV[i], id)
  end
end
redis.call('HSET', KEYS[1], 'seq', ARGV[2])
return 1
"""

DONE = """
-- KEYS: jobs, late, told. ARGV: the group, how many jobs, their ids, then name and amount of each count. Answers how
-- many of the jobs were still to be done: only one of two workers with the same job counts it.
local last, ended = 2 + tonumber(ARGV[2]), 0
for i = 3, last do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  ended = ended + redis.call('XDEL', KEYS[1], ARGV[i])
  redis.call('ZREM', KEYS[2], ARGV[i])
end
if ended > 0 then
  for i = last + 1, #ARGV, 2 do
    redis.call('HINCRBY', KEYS[3], ARGV[i], ARGV[i + 1])
  end
end
return ended
"""

GIVE_UP = """
-- KEYS: jobs, dead, late. ARGV: the group, a job's id, why. Answers 1; 0 if the job was done meanwhile.
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
if not found[1] then
  return 0
end
local fields = found[1][2]
fields[#fields + 1] = 'why'
fields[#fields + 1] = ARGV[3]
redis.call('XADD', KEYS[2], '*', unpack(fields))
redis.call('XDEL', KEYS[1], ARGV[2])
return 1
"""

REDRIVE = """
-- KEYS: dead, jobs, late, low. ARGV: how many at most, the time in ms. Answers how many were moved.
local found = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[1])
for _, entry in ipairs(found) do
  local fields, kept, seq = entry[2], {}, nil
  for i = 1, #fields, 2 do
    if fields[i] ~= 'why' then
      kept[#kept + 1] = fields[i]
      kept[#kept + 1] = fields[i + 1]
    end
    if fields[i] == 'seq' then
      seq = fields[i + 1]
    end
  end
  local id = redis.call('XADD', KEYS[2], '*', unpack(kept))
  redis.call('ZADD', KEYS[3], seq, id)
  redis.call('ZADD', KEYS[4], ARGV[2], ARGV[2] .. ':' .. (seq - 1))
  redis.call('XDEL', KEYS[1], entry[1])
end
return #found
"""

LEAVE = """
-- KEYS: jobs. ARGV: the group, a consumer. Forgets the consumer, unless jobs are still in its name. Answers 1 or 0.
local held = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2])
if held[1] then
  return 0
end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1
"""
