-- Writes one turn of any kind, or nothing. A commit that runs twice (its first answer was lost) is done both times.
-- KEYS: the call, the due index, the live counts, the trail, the index of trails; then those of the rows.
-- ARGV: from turn, from revision, record, due (ms), fingerprint, milliseconds to keep it when it is finished,
--       the trail's entries (empty: none is kept), milliseconds to keep the trail, when the first entry was made (ms);
--       then those of the rows.
-- Answers 1 done, 0 gone, or the record of a call that is at another turn or revision.
local was, in_list = find(KEYS[1])
local record, due, entry = ARGV[3], ARGV[4], ARGV[7]
local early = was and sign(was) == 'e'
if (early or not was) and ARGV[1] ~= '0' then
  return 0
end
if was and not early and (turn(was) ~= tonumber(ARGV[1]) or revision(was) ~= tonumber(ARGV[2])) then
  local own = turn(was) == turn(record) and stamp(was) == stamp(record)
  return own and 1 or was
end

local ran, runs = was and is_on(was), is_on(record)
local marked = was and mark(was) ~= NO_MARK
if marked then
  record = with_mark(record, mark(was))
end
local sid = KEYS[1]:match(':call:(.*)$')

-- The trail of a call that is on stands behind its record, that of one that is over in a key of its own.
local trail
if in_list then
  trail = table.concat(redis.call('LRANGE', KEYS[1], 1, -1))
else
  trail = redis.call('GET', KEYS[4]) or ''
end
if trail == '' and entry ~= '' then
  redis.call('ZADD', KEYS[5], ARGV[9], sid)
end
trail = trail .. entry
if runs then
  redis.call('DEL', KEYS[1], KEYS[4])
  redis.call('RPUSH', KEYS[1], record)
  if trail ~= '' then
    redis.call('RPUSH', KEYS[1], trail)
  end
else
  redis.call('SET', KEYS[1], record, 'PX', ARGV[6])
  if trail ~= '' then
    redis.call('SET', KEYS[4], trail, 'PX', ARGV[8])
  end
end

if not runs then
  redis.call('ZREM', KEYS[2], sid)
elseif marked and ran then
  redis.call('ZADD', KEYS[2], 'LT', due, sid)
else
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
  local version = ARGV[5]
  if was:sub(6, 13) ~= record:sub(6, 13) then
    version = was:sub(6, 13):gsub('.', function(byte) return string.format('%02x', byte:byte()) end)
  end
  if redis.call('HINCRBY', KEYS[3], version, -1) <= 0 then
    redis.call('HDEL', KEYS[3], version)
  end
end

local keys, args = 6, 10
