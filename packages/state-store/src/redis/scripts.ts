import { createHash } from "node:crypto";

/** A script of constant text; whatever comes from outside is an argument of it. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/**
 * Changes one row. KEYS: the row. ARGV: time to live in seconds, bytes and fields a row may have, then for each field
 * what to do, its name and the number. A string is changed as a whole, and not with HINCRBYFLOAT, as that knows no
 * maximum, and writes 1e-20 as 0 and 1e300 as 301 digits (measured, redis-server 7.0.15). The length is asked
 * before anything is fetched.
 */
export const CHANGE_ROW: Script = script(`
local length = redis.pcall('STRLEN', KEYS[1])
if type(length) == 'table' then return length end
if length > tonumber(ARGV[2]) then return redis.error_reply('BADROW too long') end
local names, values = {}, {}
if length > 0 then
  for pair in string.gmatch(redis.call('GET', KEYS[1]) .. ';', '([^;]*);') do
    local name, digits = string.match(pair, '^(%a[%w_.-]*)=(-?%d[%d.e+-]*)$')
    local value = name and tonumber(digits)
    if not value or values[name] then return redis.error_reply('BADROW no row') end
    names[#names + 1] = name
    values[name] = value
  end
end
for i = 4, #ARGV, 3 do
  local what, name, value = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local known = values[name]
  if known == nil then
    names[#names + 1] = name
    values[name] = value
  elseif what == 'add' then
    values[name] = known + value
  elseif what == 'set' or (what == 'max' and value > known) then
    values[name] = value
  end
  if values[name] - values[name] ~= 0 then return redis.error_reply('REFUSED no finite sum') end
end
if #names > tonumber(ARGV[3]) then return redis.error_reply('REFUSED too many fields') end
local pairs_ = {}
for i, name in ipairs(names) do pairs_[i] = name .. '=' .. string.format('%.17g', values[name]) end
local text = table.concat(pairs_, ';')
if #text > tonumber(ARGV[2]) then return redis.error_reply('REFUSED too long') end
local ttl = math.max(tonumber(ARGV[1]), redis.call('TTL', KEYS[1]))
return redis.pcall('SET', KEYS[1], text, 'EX', ttl)
`);

/**
 * One step of a walk over all keys. ARGV: cursor, pattern, bytes a key may have. A key somebody has put there may be
 * 512 MB long, so long ones are left out before they travel.
 */
export const WALK_KEYS: Script = script(`
local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', 500)
local keys = {}
for _, key in ipairs(found[2]) do
  if #key <= tonumber(ARGV[3]) then keys[#keys + 1] = key end
end
return { found[1], keys }
`);

function script(text: string): Script {
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}
