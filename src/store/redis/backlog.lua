-- Counts one backend's rows in one bucket. KEYS: its indices of rows waiting, being sent, uncertain, dead, delivered.
-- ARGV: the prefix of the bucket's rows, since when delivered rows are kept (ms).
-- Answers the five counts and when the oldest row that still waits was created (ns; empty: there is none).
local answer, oldest, created = {}, nil, nil
for i = 1, 4 do
  answer[i] = redis.call('ZCARD', KEYS[i])
  if i <= 2 then
    local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
    if first[1] and (not created or tonumber(first[2]) < created) then
      oldest, created = first[1], tonumber(first[2])
    end
  end
end
answer[5] = redis.call('ZCOUNT', KEYS[5], ARGV[2], '+inf')
answer[6] = oldest and redis.call('HGET', ARGV[1] .. oldest, 'c') or ''
return answer
