-- Gives a row the body that it has waited for, and makes it due. KEYS: the row, its due index.
-- ARGV: what stands before a body that waits, the body, the row's name, when it is due (ms), the same (ns).
-- Answers 1, or 0 where there is no such row, or it does not wait: then nothing changes.
local row = redis.call('HMGET', KEYS[1], 'd', 's')
if not row[1] or row[1]:sub(1, #ARGV[1]) ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'd', ARGV[2])
if row[2] == 'w' then
  redis.call('HSET', KEYS[1], 'n', ARGV[5])
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
end
return 1
