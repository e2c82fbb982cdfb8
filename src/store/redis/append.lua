-- Writes a late fact, or nothing. One that runs twice (its first answer was lost) is done both times.
-- KEYS: the call, the trail; then those of the rows.
-- ARGV: from revision, stamp (8 bytes), state, the trail's entries (empty: none is kept); then those of the rows.
-- Answers 1 done, 0 gone, or the record of a call that is at another revision.
local was = redis.call('GET', KEYS[1])
if not was or sign(was) == 'e' then
  return 0
end
if revision(was) ~= tonumber(ARGV[1]) then
  return stamp(was) == ARGV[2] and 1 or was
end
local state_at, state = has_revision(was) and 39 or 35, ARGV[3]
local reply = was:sub(state_at + struct.unpack('>I4', was, 31))
redis.call('SET', KEYS[1], table.concat({
  sign(was), was:sub(2, 21), ARGV[2], was:sub(30, 30), struct.pack('>I4', #state),
  struct.pack('>I4', revision(was) + 1), state, reply,
}), 'KEEPTTL')
local trail = ARGV[4] ~= '' and redis.call('GET', KEYS[2])
if trail then
  redis.call('SET', KEYS[2], trail .. ARGV[4], 'KEEPTTL')
end
local keys, args = 3, 5
