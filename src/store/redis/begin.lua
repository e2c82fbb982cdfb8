-- Writes the first turn of a call, or nothing. KEYS: the call, the due index, the live counts, the trail, the index of trails.
-- ARGV: record, due (ms), fingerprint, the trail's entry (empty: none is kept), when it was made (ms).
-- Answers 1 done, 2 something is known of the call: `commit.lua` decides.
if redis.call('EXISTS', KEYS[1], KEYS[4]) ~= 0 then
  return 2
end
local sid = KEYS[1]:match(':call:(.*)$')
if ARGV[4] == '' then
  redis.call('RPUSH', KEYS[1], ARGV[1])
else
  redis.call('RPUSH', KEYS[1], ARGV[1], ARGV[4])
  redis.call('ZADD', KEYS[5], ARGV[5], sid)
end
redis.call('ZADD', KEYS[2], ARGV[2], sid)
redis.call('HINCRBY', KEYS[3], ARGV[3], 1)
return 1
