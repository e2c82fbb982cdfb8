-- Deletes a version that was not kept since, and the recordings that no other version plays.
-- KEYS: the times of keeping, the version, what it plays; the others' keys share their slot.
-- ARGV: fingerprint, before (ms), the prefix of all versions' keys.
-- Answers 1 when it went, else 0.
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not at or tonumber(at) >= tonumber(ARGV[2]) then
  return 0
end
local hashes = redis.call('SMEMBERS', KEYS[3])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2], KEYS[3])
local others = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, hash in ipairs(hashes) do
  local played = false
  for _, other in ipairs(others) do
    played = played or redis.call('SISMEMBER', ARGV[3] .. 'plays:' .. other, hash) == 1
  end
  if not played then
    redis.call('DEL', ARGV[3] .. 'recording:' .. hash)
  end
end
return 1
