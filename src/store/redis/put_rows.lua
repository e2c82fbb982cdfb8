-- Stands behind the scripts that write rows, and ends them. A row of that name that is there already is the same delivery:
-- it stays. `keys` and `args` are the places of the first row's. KEYS for each row: its hash, its due index, its state's
-- index. ARGV for each row: name, due (ms; empty: not owed), created (ms), and its fields as HSET wants them (18).
for row = 0, (#KEYS - keys + 1) / 3 - 1 do
  local key, from = keys + row * 3, args + row * 21
  if redis.call('EXISTS', KEYS[key]) == 0 then
    redis.call('HSET', KEYS[key], unpack(ARGV, from + 3, from + 20))
    if ARGV[from + 1] ~= '' then
      redis.call('ZADD', KEYS[key + 1], ARGV[from + 1], ARGV[from])
    end
    redis.call('ZADD', KEYS[key + 2], ARGV[from + 2], ARGV[from])
  end
end
return 1
