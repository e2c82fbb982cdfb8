-- Writes one turn, or nothing. A commit that runs twice (its first answer was lost) is done both times.
-- KEYS: the call, the due index, the live counts, the trail, the index of trails; then those of the rows.
-- ARGV: from turn, from revision, record, due (ms), fingerprint, milliseconds to keep it when it is finished,
--       the trail's entries (empty: none is kept), milliseconds to keep the trail, when the first entry was made (ms),
--       milliseconds to keep its place in the index; then those of the rows.
-- Answers 1 done, 0 gone, or the record of a call that is at another turn or revision.
local was, record, due = redis.call('GET', KEYS[1]), ARGV[3], ARGV[4]
local early = was and sign(was) == 'e'
if (early or not was) and ARGV[1] ~= '0' then
  return 0
end
if was and not early and (turn(was) ~= tonumber(ARGV[1]) or revision(was) ~= tonumber(ARGV[2])) then
  return turn(was) == turn(record) and stamp(was) == stamp(record) and 1 or was
end
local ran, runs = was and sign(was) == 'l', sign(record) == 'l'
local sid = KEYS[1]:match(':call:(.*)$')
local marked = was and mark(was) ~= NO_MARK
if marked then
  record = with_mark(record, mark(was))
end

if not runs then
  redis.call('SET', KEYS[1], record, 'PX', ARGV[6])
  redis.call('ZREM', KEYS[2], sid)
else
  redis.call('SET', KEYS[1], record)
  if marked and not ran then
    -- A visit that begins when the call is over already: there is nobody to wait for.
    local now = redis.call('TIME')
    due = math.min(due, now[1] * 1000 + math.floor(now[2] / 1000))
  end
  if marked and ran then
    redis.call('ZADD', KEYS[2], 'LT', due, sid)
  else
    redis.call('ZADD', KEYS[2], string.format('%.0f', due), sid)
  end
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

put_rows(6, 11)
return 1
