-- Stands before the scripts that look into a call's record: see `redis/record.rs`. l and f are of the release before, which
-- put what follows the mark in another order, kept no due, and kept every call as a string; L and F are of the first one,
-- which counted no revisions either.
local NO_MARK = '\0\0\0\0\0\0\0\0'
local function sign(record) return record:sub(1, 1) end
local function is_before(record) return record:find('^[lfLF]') end
local function is_on(record) return record:find('^[nlL]') end
local function turn(record) return struct.unpack('>I4', record, 2) end
local function mark(record) return record:sub(14, 21) end
local function with_mark(record, mark) return record:sub(1, 13) .. mark .. record:sub(22) end
local function has_revision(record) return not record:find('^[LF]') end
local function revision(record)
  return has_revision(record) and struct.unpack('>I4', record, is_before(record) and 35 or 22) or 0
end
local function stamp(record) return is_before(record) and record:sub(22, 29) or record:sub(34, 41) end
-- The record of a call, and whether it is in a list; nothing where there is none.
local function find(key)
  local record = redis.pcall('LINDEX', key, 0)
  if type(record) == 'table' then
    return redis.call('GET', key), false
  end
  return record, true
end
-- Writes the record of a call again, and an entry behind those of its trail; where it has none, none is begun.
local function change(key, trail, in_list, record, entry)
  if in_list then
    redis.call('LSET', key, 0, record)
    if entry ~= '' and redis.call('LLEN', key) > 1 then
      redis.call('RPUSH', key, entry)
    end
  else
    redis.call('SET', key, record, 'KEEPTTL')
    if entry ~= '' and redis.call('EXISTS', trail) == 1 then
      redis.call('APPEND', trail, entry)
    end
  end
end

