-- Counts an act, unless one of its allowances is used up. KEYS: the act, then the allowances. ARGV: until when the act is
-- remembered (ms), then of each allowance how often it may be and until when (ms).
-- Answers 0, or the place from 1 of the allowance that is used up; the same to the same act.
local known = redis.call('GET', KEYS[1])
if known then
  return tonumber(known)
end
local used_up = 0
for i = 2, #KEYS do
  local count = tonumber(redis.call('GET', KEYS[i]) or '0')
  if used_up == 0 and count >= tonumber(ARGV[2 * i - 2]) then
    used_up = i - 1
  end
end
if used_up == 0 then
  for i = 2, #KEYS do
    redis.call('INCR', KEYS[i])
    redis.call('PEXPIREAT', KEYS[i], ARGV[2 * i - 1])
  end
end
redis.call('SET', KEYS[1], used_up)
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return used_up
