-- Writes a late fact, or nothing. One that runs twice (its first answer was lost) is done both times.
-- KEYS: the call, the trail; then those of the rows.
-- ARGV: from revision, stamp (8 bytes), state, the trail's entries (empty: none is kept); then those of the rows.
-- Answers 1 done, 0 gone, or the record of a call that is at another revision.
local was, in_list = find(KEYS[1])
if not was or sign(was) == 'e' then
  return 0
end
if revision(was) ~= tonumber(ARGV[1]) then
  return stamp(was) == ARGV[2] and 1 or was
end
local counted, state = struct.pack('>I4', revision(was) + 1), ARGV[3]
local length, record = struct.pack('>I4', #state), nil
if is_before(was) then
  local reply = was:sub((has_revision(was) and 39 or 35) + struct.unpack('>I4', was, 31))
  record = table.concat({ sign(was):lower(), was:sub(2, 21), ARGV[2], was:sub(30, 30), length, counted, state, reply })
else
  local reply = was:sub(47 + struct.unpack('>I4', was, 43))
  record = table.concat({ was:sub(1, 21), counted, was:sub(26, 33), ARGV[2], was:sub(42, 42), length, state, reply })
end
change(KEYS[1], KEYS[2], in_list, record, ARGV[4])
local keys, args = 3, 5
