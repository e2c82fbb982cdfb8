-- Changes a row, or deletes it. KEYS: the row; its indices are named after its backend, in the same slot.
-- ARGV: the bucket's prefix, the row's name, its state from now on (empty: delete it), when it is due (ns; empty: as
--       it was), what becomes of the count of attempts ('', 'back' or 'anew'), '1' if its outcome is not known, '1' if
--       there is an error to be noted, the error.
-- Answers 1, or 0 when there is no such row.
local STATES = { w = 'waiting', s = 'sending', u = 'uncertain', d = 'dead' }
local row = redis.call('HMGET', KEYS[1], 'b', 's', 'c', 'n', 'a')
local prefix, id, backend, was, is = ARGV[1], ARGV[2], row[1], row[2], ARGV[3]
if not backend then
  return 0
end

local function index(name)
  return prefix .. name .. ':' .. backend
end

-- Times are stored in nanoseconds; an index counts milliseconds.
local function milliseconds(time)
  return #time > 6 and time:sub(1, -7) or '0'
end

if was ~= is then
  redis.call('ZREM', index(STATES[was]), id)
end
if is == '' then
  redis.call('ZREM', index('rows'), id)
  redis.call('DEL', KEYS[1])
  return 1
end

local due = ARGV[4] ~= '' and ARGV[4] or row[4]
redis.call('HSET', KEYS[1], 's', is, 'n', due)
if ARGV[5] == 'back' then
  redis.call('HSET', KEYS[1], 'a', math.max(tonumber(row[5]) - 1, 0))
elseif ARGV[5] == 'anew' then
  redis.call('HSET', KEYS[1], 'a', 0)
end
if ARGV[6] == '1' then
  redis.call('HSET', KEYS[1], 'm', 1)
end
if ARGV[7] == '1' then
  redis.call('HSET', KEYS[1], 'e', ARGV[8])
end
redis.call('ZADD', index(STATES[is]), milliseconds(row[3]), id)
if is == 'w' or is == 's' then
  redis.call('ZADD', index('rows'), milliseconds(due), id)
else
  redis.call('ZREM', index('rows'), id)
end
return 1
