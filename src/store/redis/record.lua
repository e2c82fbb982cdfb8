-- Stands before the scripts that look into a call's record: see `redis/record.rs`. L and F are of the first release, which
-- counted no revisions.
local NO_MARK = '\0\0\0\0\0\0\0\0'
local function sign(record) return record:sub(1, 1):lower() end
local function turn(record) return struct.unpack('>I4', record, 2) end
local function has_revision(record) return record:sub(1, 1) == sign(record) end
local function revision(record) return has_revision(record) and struct.unpack('>I4', record, 35) or 0 end
local function mark(record) return record:sub(14, 21) end
local function stamp(record) return record:sub(22, 29) end
local function with_mark(record, mark) return record:sub(1, 13) .. mark .. record:sub(22) end

