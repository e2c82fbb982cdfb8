-- Changes a row, or deletes it. KEYS: the row, and on a cluster its indices, which are named after its backend, in the
-- same slot.
-- ARGV: the bucket's prefix, the row's name, its state from now on (empty: delete it), when it is due (ns; empty: as
--       it was; of a delivered one, when that was), what becomes of the count of attempts ('', 'back' or 'reset'), '1' if
--       its outcome is not known, '1' if there is an error to be noted, the error, the attempt and the answer as they are
--       stored (empty: none), milliseconds to keep a delivered row.
-- A delivered row is sent again or deleted; of anything else that comes to it only the attempt is noted.
-- Answers 1, or 0 when there is no such row, or none that is owed.
local STATES = { w = 'waiting', s = 'sending', u = 'uncertain', d = 'dead', y = 'delivered' }
local ATTEMPTS = 16
local row = redis.call('HMGET', KEYS[1], 'b', 's', 'c', 'n', 'a', 'l')
local prefix, id, backend, was, is = ARGV[1], ARGV[2], row[1], row[2], ARGV[3]
if not backend then
  return 0
end

local function index(state)
  return prefix .. STATES[state] .. ':' .. backend
end

local due_index = prefix .. 'rows:' .. backend

-- Times are stored in nanoseconds; an index counts milliseconds.
local function milliseconds(time)
  return #time > 6 and time:sub(1, -7) or '0'
end

-- The attempts, and one more behind them unless it is there already (its first answer was lost); the last ones of them.
local function with_attempt(log, attempt)
  if log:sub(-#attempt) == attempt then
    return log
  end
  log = log .. attempt
  local starts, at = {}, 1
  while at + 2 <= #log do
    starts[#starts + 1] = at
    at = at + 3 + struct.unpack('>I2', log, at + 1)
  end
  return log:sub(starts[math.max(#starts - ATTEMPTS, 0) + 1])
end

if is == '' then
  redis.call('ZREM', index(was), id)
  redis.call('ZREM', due_index, id)
  redis.call('DEL', KEYS[1])
  return 1
end

if ARGV[9] ~= '' then
  redis.call('HSET', KEYS[1], 'l', with_attempt(row[6] or '', ARGV[9]))
end
if was == 'y' and ARGV[5] ~= 'reset' then
  return 0
end
if ARGV[10] ~= '' then
  redis.call('HSET', KEYS[1], 'r', ARGV[10])
end

local due = ARGV[4] ~= '' and ARGV[4] or row[4]
redis.call('HSET', KEYS[1], 's', is, 'n', due)
if ARGV[5] == 'back' then
  redis.call('HSET', KEYS[1], 'a', math.max(tonumber(row[5]) - 1, 0))
elseif ARGV[5] == 'reset' then
  redis.call('HSET', KEYS[1], 'a', 0)
end
if ARGV[6] == '1' or was == 'y' then
  redis.call('HSET', KEYS[1], 'm', 1)
end
-- Of a row that is sent again only one that was delivered gets an error.
if ARGV[7] == '1' and (ARGV[5] ~= 'reset' or was == 'y') then
  redis.call('HSET', KEYS[1], 'e', ARGV[8])
end

if was ~= is then
  redis.call('ZREM', index(was), id)
end
if is == 'y' then
  redis.call('ZREM', due_index, id)
  redis.call('ZREMRANGEBYSCORE', index(is), '-inf', string.format('%.0f', milliseconds(due) - ARGV[11]))
  redis.call('ZADD', index(is), milliseconds(due), id)
  redis.call('PEXPIRE', index(is), ARGV[11])
  redis.call('PEXPIRE', KEYS[1], ARGV[11])
  return 1
end
redis.call('PERSIST', KEYS[1])
redis.call('ZADD', index(is), milliseconds(row[3]), id)
if is == 'w' or is == 's' then
  redis.call('ZADD', due_index, milliseconds(due), id)
else
  redis.call('ZREM', due_index, id)
end
return 1
