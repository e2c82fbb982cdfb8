-- Takes the rows that are still due. KEYS: their due index, those that wait, those being sent, then the rows.
-- ARGV: now (ms), until (ms), until (ns), their names.
-- Answers for each row taken its name and its fields. A name whose row is gone is cleared away.
local taken = {}
for i = 4, #KEYS do
  local id = ARGV[i]
  local due = redis.call('ZSCORE', KEYS[1], id)
  if due and tonumber(due) <= tonumber(ARGV[1]) then
    local state = redis.call('HGET', KEYS[i], 's')
    if not state then
      redis.call('ZREM', KEYS[1], id)
      redis.call('ZREM', KEYS[2], id)
      redis.call('ZREM', KEYS[3], id)
    else
      if state == 's' then
        redis.call('HSET', KEYS[i], 'm', '1', 'n', ARGV[3])
      else
        redis.call('HINCRBY', KEYS[i], 'a', 1)
        redis.call('HSET', KEYS[i], 's', 's', 'n', ARGV[3])
        redis.call('ZADD', KEYS[3], redis.call('ZSCORE', KEYS[2], id) or 0, id)
        redis.call('ZREM', KEYS[2], id)
      end
      redis.call('ZADD', KEYS[1], ARGV[2], id)
      taken[#taken + 1] = { id, redis.call('HMGET', KEYS[i], 'b', 'd', 'x', 'c', 's', 'a', 'n', 'm', 'e', 'l', 'r') }
    end
  end
end
return taken
