-- Counts one backend's rows in one bucket. KEYS: its indices of rows waiting, being sent, uncertain, dead.
-- ARGV: the prefix of the bucket's rows.
-- Answers the four counts and when the oldest row that is still owed was created (ns; empty: there is none).
local answer, oldest, created = {}, nil, nil
for i, key in ipairs(KEYS) do
  answer[i] = redis.call('ZCARD', key)
  if i <= 2 then
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[1] and (not created or tonumber(first[2]) < created) then
      oldest, created = first[1], tonumber(first[2])
    end
  end
end
answer[5] = oldest and redis.call('HGET', ARGV[1] .. oldest, 'c') or ''
return answer
