-- Writes one turn, or nothing. A commit that runs twice (its first answer was lost) is done both times.
-- KEYS: the call, the due index, the live counts, the trail, the index of trails; then those of the rows.
-- ARGV: from turn, from revision, record, due (ms), fingerprint, milliseconds to keep it when it is finished,
--       the trail's entries (empty: none is kept), milliseconds to keep the trail, when the first entry was made (ms),
--       milliseconds to keep its place in the index; then those of the rows.
-- Answers 1 done, 0 gone, or the record of a call that is at another turn or revision.
-- It runs at every turn and reads the record itself, for each function that a script makes costs it time.
local was, record, due = redis.call('GET', KEYS[1]), ARGV[3], ARGV[4]
local ran, runs, early, marked = false, record:byte(1) == 108, false, false -- 108 is l
if was then
  local sign, revision = was:byte(1), 0
  if sign < 97 then -- as the first release wrote it: L and F, and no revision
    sign = sign + 32
  else
    revision = struct.unpack('>I4', was, 35)
  end
  ran, early = sign == 108, sign == 101 -- l, e
  if not early and (struct.unpack('>I4', was, 2) ~= tonumber(ARGV[1]) or revision ~= tonumber(ARGV[2])) then
    local own = was:sub(2, 5) == record:sub(2, 5) and was:sub(22, 29) == record:sub(22, 29)
    return own and 1 or was
  end
  local mark = was:sub(14, 21)
  if mark ~= '\0\0\0\0\0\0\0\0' then
    marked, record = true, record:sub(1, 13) .. mark .. record:sub(22)
  end
end
if (early or not was) and ARGV[1] ~= '0' then
  return 0
end

local sid = KEYS[1]:match(':call:(.*)$')
if not runs then
  redis.call('SET', KEYS[1], record, 'PX', ARGV[6])
  redis.call('ZREM', KEYS[2], sid)
elseif marked and ran then
  redis.call('SET', KEYS[1], record)
  redis.call('ZADD', KEYS[2], 'LT', due, sid)
else
  redis.call('SET', KEYS[1], record)
  if marked then
    -- A visit that begins when the call is over already: there is nobody to wait for.
    local now = redis.call('TIME')
    due = string.format('%.0f', math.min(due, now[1] * 1000 + math.floor(now[2] / 1000)))
  end
  redis.call('ZADD', KEYS[2], due, sid)
end

local moved = ran and runs and was:sub(6, 13) ~= record:sub(6, 13)
if runs and (moved or not ran) then
  redis.call('HINCRBY', KEYS[3], ARGV[5], 1)
end
if ran and (moved or not runs) then
  local version = was:sub(6, 13):gsub('.', function(byte) return string.format('%02x', byte:byte()) end)
  if redis.call('HINCRBY', KEYS[3], version, -1) <= 0 then
    redis.call('HDEL', KEYS[3], version)
  end
end

if ARGV[7] ~= '' then
  local trail = redis.call('GET', KEYS[4])
  if not trail then
    redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', string.format('%.0f', ARGV[9] - ARGV[10]))
    redis.call('ZADD', KEYS[5], ARGV[9], sid)
    redis.call('PEXPIRE', KEYS[5], ARGV[10])
  end
  -- Not APPEND, which takes twice the room.
  redis.call('SET', KEYS[4], (trail or '') .. ARGV[7], 'PX', ARGV[8])
end

local keys, args = 6, 11
