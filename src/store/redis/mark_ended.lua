-- Notes the first sign of a call's end. KEYS: the call, the due index, the trail.
-- ARGV: the mark (8 bytes), due (ms), the trail's entry (empty: none is kept),
--       the record of a call of which nothing else is known, milliseconds to keep that.
-- Answers 2 noted, 1 noted before, 0 there is no such call (yet).
local was, in_list = find(KEYS[1])
if not was then
  redis.call('SET', KEYS[1], with_mark(ARGV[4], ARGV[1]), 'PX', ARGV[5])
  return 0
end
if sign(was) == 'e' then
  return 0
end
local first = mark(was) == NO_MARK
if first then
  change(KEYS[1], KEYS[3], in_list, with_mark(was, ARGV[1]), ARGV[3])
end
if is_on(was) then
  redis.call('ZADD', KEYS[2], 'LT', ARGV[2], KEYS[1]:match(':call:(.*)$'))
end
return first and 2 or 1
