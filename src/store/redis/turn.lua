-- Writes a turn of a call that goes on as most do, or nothing. KEYS: the call.
-- ARGV: what the record must begin with, record, the trail's entry (empty: none is kept).
-- Answers 1 done, 3 done and the call has a trail from now on, 2 there is more to it, or it is done already: `commit.lua`
-- decides.
-- It runs at nearly every turn, so it reads no more than it must and moves nothing in the due index: there the call stands at
-- its time or earlier, and `lease_calls.lua` puts it back.
local was = redis.pcall('LINDEX', KEYS[1], 0)
if type(was) ~= 'string' or was:sub(1, 25) ~= ARGV[1]
  or struct.unpack('>I8', was, 26) > struct.unpack('>I8', ARGV[2], 26) then
  return 2
end
redis.call('LSET', KEYS[1], 0, ARGV[2])
if ARGV[3] ~= '' and redis.call('RPUSH', KEYS[1], ARGV[3]) == 2 then
  return 3
end
return 1
