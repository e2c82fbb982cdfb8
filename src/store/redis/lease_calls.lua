-- Takes the calls that are still due. KEYS: the due index, then the calls. ARGV: now (ms), until (ms), their names.
-- Answers the names taken. A name whose call is gone is cleared away.
local taken = {}
for i = 2, #KEYS do
  local sid = ARGV[i + 1]
  local due = redis.call('ZSCORE', KEYS[1], sid)
  if due and tonumber(due) <= tonumber(ARGV[1]) then
    if redis.call('EXISTS', KEYS[i]) == 1 then
      redis.call('ZADD', KEYS[1], ARGV[2], sid)
      taken[#taken + 1] = sid
    else
      redis.call('ZREM', KEYS[1], sid)
    end
  end
end
return taken
