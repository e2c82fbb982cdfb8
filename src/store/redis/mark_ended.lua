-- Notes the first sign of a call's end. KEYS: the call, the due index. ARGV: the mark (8 bytes), due (ms).
-- Answers 1 noted, or noted before; 0 there is no such call that is on.
local was = redis.call('GET', KEYS[1])
if not was or was:byte(1) ~= 76 then
  return 0
end
if was:sub(14, 21) == '\0\0\0\0\0\0\0\0' then
  redis.call('SET', KEYS[1], was:sub(1, 13) .. ARGV[1] .. was:sub(22))
end
redis.call('ZADD', KEYS[2], 'LT', ARGV[2], KEYS[1]:match(':call:(.*)$'))
return 1
