-- Answers the trail of a call, whether the call is on or over. KEYS: the call, the trail.
local trail = redis.call('GET', KEYS[2])
if trail then
  return trail
end
local entries = redis.pcall('LRANGE', KEYS[1], 1, -1)
return not entries.err and entries[1] and table.concat(entries) or false
