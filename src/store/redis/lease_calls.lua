-- Takes the calls that are still due. KEYS: the due index, then the calls. ARGV: now (ms), until (ms), their names.
-- Answers the names taken. A name whose call is gone is cleared away, and one whose call has gone on since, and so is due
-- later, is put there: a turn does not move it.
local now = tonumber(ARGV[1])
local taken = {}
for i = 2, #KEYS do
  local sid = ARGV[i + 1]
  local due = redis.call('ZSCORE', KEYS[1], sid)
  if due and tonumber(due) <= now then
    local record = find(KEYS[i])
    local later = 0
    if record and sign(record) == 'n' and mark(record) == NO_MARK then
      later = struct.unpack('>I8', record, 26)
    end
    if not record then
      redis.call('ZREM', KEYS[1], sid)
    elseif later > now then
      redis.call('ZADD', KEYS[1], string.format('%.0f', later), sid)
    else
      redis.call('ZADD', KEYS[1], ARGV[2], sid)
      taken[#taken + 1] = sid
    end
  end
end
return taken
