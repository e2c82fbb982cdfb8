-- Notes that a version is in service and which recordings it plays, before either is written.
-- KEYS: the times of keeping, what the version plays, the recordings. ARGV: fingerprint, now (ms), the recordings' hashes.
-- Answers the numbers (from 0) of the recordings that are not there yet.
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
local missing = {}
for i = 3, #KEYS do
  redis.call('SADD', KEYS[2], ARGV[i])
  if redis.call('EXISTS', KEYS[i]) == 0 then
    missing[#missing + 1] = i - 3
  end
end
return missing
