-- Writes one turn, or nothing. A commit that runs twice (its first answer was lost) is done both times.
-- KEYS: the call, the due index, the live counts, the trail, the index of trails;
--       then for each row: its hash, its due index, its state's index.
-- ARGV: from turn, record, due (ms), fingerprint, milliseconds to keep it when it is finished,
--       the trail's entry (empty: none is kept), milliseconds to keep the trail, when the entry was made (ms),
--       milliseconds to keep its place in the index;
--       then for each row: name, due (ms; empty: not owed), created (ms), and its fields as HSET wants them (18).
-- A row of that name that is there already is replaced.
-- Answers 1 done, 0 gone, or the record of a call that waits for another turn.
local STATES = { w = 'waiting', s = 'sending', u = 'uncertain', d = 'dead' }
local was, record = redis.call('GET', KEYS[1]), ARGV[2]
local ran, runs, marked = false, record:byte(1) == 76, false -- 76 is L: the call is on
if was then
  if struct.unpack('>I4', was, 2) ~= tonumber(ARGV[1]) then
    local own = was:sub(2, 5) == record:sub(2, 5) and was:sub(22, 29) == record:sub(22, 29)
    return own and 1 or was
  end
  ran = was:byte(1) == 76
  local mark = was:sub(14, 21)
  if ran and mark ~= '\0\0\0\0\0\0\0\0' then
    marked, record = true, record:sub(1, 13) .. mark .. record:sub(22)
  end
elseif ARGV[1] ~= '0' then
  return 0
end

local sid = KEYS[1]:match(':call:(.*)$')
if not runs then
  redis.call('SET', KEYS[1], record, 'PX', ARGV[5])
  redis.call('ZREM', KEYS[2], sid)
elseif marked then
  redis.call('SET', KEYS[1], record)
  redis.call('ZADD', KEYS[2], 'LT', ARGV[3], sid)
else
  redis.call('SET', KEYS[1], record)
  redis.call('ZADD', KEYS[2], ARGV[3], sid)
end

local moved = ran and runs and was:sub(6, 13) ~= record:sub(6, 13)
if runs and (moved or not ran) then
  redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
end
if ran and (moved or not runs) then
  local version = was:sub(6, 13):gsub('.', function(byte) return string.format('%02x', byte:byte()) end)
  if redis.call('HINCRBY', KEYS[3], version, -1) <= 0 then
    redis.call('HDEL', KEYS[3], version)
  end
end

if ARGV[6] ~= '' then
  local trail = redis.call('GET', KEYS[4])
  if not trail then
    redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', string.format('%.0f', ARGV[8] - ARGV[9]))
    redis.call('ZADD', KEYS[5], ARGV[8], sid)
    redis.call('PEXPIRE', KEYS[5], ARGV[9])
  end
  -- Not APPEND, which takes twice the room.
  redis.call('SET', KEYS[4], (trail or '') .. ARGV[6], 'PX', ARGV[7])
end

for row = 0, (#KEYS - 5) / 3 - 1 do
  local key, from = 6 + row * 3, 10 + row * 21
  local old = redis.call('HMGET', KEYS[key], 'b', 's')
  if old[1] then
    local prefix = KEYS[key]:match('^(.-:)row:')
    redis.call('ZREM', prefix .. 'rows:' .. old[1], ARGV[from])
    redis.call('ZREM', prefix .. STATES[old[2]] .. ':' .. old[1], ARGV[from])
  end
  redis.call('HSET', KEYS[key], unpack(ARGV, from + 3, from + 20))
  if ARGV[from + 1] ~= '' then
    redis.call('ZADD', KEYS[key + 1], ARGV[from + 1], ARGV[from])
  end
  redis.call('ZADD', KEYS[key + 2], ARGV[from + 2], ARGV[from])
end
return 1
