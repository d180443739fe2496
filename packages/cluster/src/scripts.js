/** The Lua scripts. Each is one atomic step in Redis, and counts as one command of ours. */

/** How long the number of a sender's last entry is known, in ms. */
export const COUNTED = 3_600_000;

/** So many entries wait for a node in its own stream at most, and so many bytes: it may hang. */
export const OWN_LENGTH = 100_000;
export const OWN_BYTES = 64 * 1024 * 1024;

/**
 * Whether a stream has as many entries or bytes as it may have, where there is a bound (or ""), and adds an entry to one. Redis is
 * asked once in a script how many bytes a stream takes, since it has to look at some entries for that.
 */
const STREAMS = `
local sizes = {}
local renewed = {}
local function isFull(stream, entries, bytes, data)
  if entries ~= '' and redis.call('XLEN', stream) >= tonumber(entries) then return true end
  if bytes == '' then return false end
  local size = sizes[stream] or tonumber(redis.pcall('MEMORY', 'USAGE', stream)) or 0
  local full = size >= tonumber(bytes)
  sizes[stream] = full and size or size + #data
  return full
end
local function add(stream, minId, lives, head, data)
  local id
  if minId ~= '' then
    id = redis.call('XADD', stream, 'MINID', '~', minId, '*', 'h', head, 'd', data)
  else
    id = redis.call('XADD', stream, '*', 'h', head, 'd', data)
  end
  if lives == '' or renewed[stream] then return id end
  renewed[stream] = true
  -- Not each time, because that is written to replicas and to the disk as well.
  if redis.call('PTTL', stream) < lives / 2 then redis.call('PEXPIRE', stream, lives) end
  return id
end
local function tell(stream, head, data)
  if isFull(stream, '${OWN_LENGTH}', '${OWN_BYTES}', data) then return end
  add(stream, '', '60000', head, data)
end
`;

/**
 * Adds entries to streams, exactly once and in the order of their sender.
 * KEYS: the sender's counter, then the streams, sessions and leases that the entries name by their place in KEYS.
 * ARGV: number of the first entry; "1" when this begins anew after a failure; then 10 for each entry: place of its stream,
 * lowest id to keep (or ""), most entries to have (or ""), most bytes (or ""), place of the session or lease whose owner may
 * write (or ""), the owner's token, "1" where nobody may write when there is no owner, ms that the stream lives (or ""), type
 * and sender, data.
 * Answers an id for each entry, "again" for one that was there already, "fenced" or "full" for one that may not be added. When
 * it begins anew, the number of the last entry that was there before comes behind them, or -1.
 * An entry after a gap is refused, because the ones before it are on their way.
 */
export const APPEND = `${STREAMS}
local last = tonumber(redis.call('GET', KEYS[1]) or '')
local number = tonumber(ARGV[1])
if last and number > last + 1 and ARGV[2] ~= '1' then return redis.error_reply('GAP after ' .. last) end
local answers = {}
local i = 3
while ARGV[i] do
  local answer
  if last and number <= last then
    answer = 'again'
  else
    local stream = KEYS[tonumber(ARGV[i])]
    local fence = ARGV[i + 4] ~= '' and redis.call('HGET', KEYS[tonumber(ARGV[i + 4])], 't')
    if fence ~= ARGV[i + 5] and (fence or ARGV[i + 6] == '1') then
      answer = 'fenced'
    elseif isFull(stream, ARGV[i + 2], ARGV[i + 3], ARGV[i + 9]) then
      answer = 'full'
    else
      answer = add(stream, ARGV[i + 1], ARGV[i + 7], ARGV[i + 8], ARGV[i + 9])
    end
  end
  answers[#answers + 1] = answer
  number = number + 1
  i = i + 10
end
if not last or number - 1 > last then redis.call('SET', KEYS[1], number - 1, 'PX', ${COUNTED}) end
if ARGV[2] == '1' then answers[#answers + 1] = last or -1 end
return answers`;

/**
 * Claims a session: whoever claims last owns it. The node that had it is told, with the token that it had.
 * KEYS: session. ARGV: new token, identity (or ""), "1" when there are identities, the prefix of nodes' own streams, what
 * the old owner is told, ms to live. Answers state, data and position, or nothing, or "identity".
 */
export const CLAIM = `${STREAMS}
local s = redis.call('HMGET', KEYS[1], 's', 'd', 'h', 't', 'i', 'a', 'e')
if not s[1] or s[7] then return false end
if ARGV[3] == '1' and s[5] ~= ARGV[2] then return 'identity' end
redis.call('HSET', KEYS[1], 't', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
local owner = s[4] and string.match(s[4], '^[^.]+')
if owner and owner ~= string.match(ARGV[1], '^[^.]+') then
  tell(ARGV[4] .. owner, 'claimed ' .. s[4], ARGV[5])
end
return { s[1], s[2], s[6] }`;

/**
 * Writes a session, unless another node has claimed it.
 * KEYS: session, and the list of what expires (or nothing). ARGV: token, ms to live, its name in the list, then fields and
 * values. Answers 1, or 0 when another owns it or it has ended.
 */
export const KEEP = `
local s = redis.call('HMGET', KEYS[1], 't', 'e')
if s[2] or s[1] and s[1] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 't', ARGV[1], unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if KEYS[2] then
  local now = redis.call('TIME')
  redis.call('ZADD', KEYS[2], now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[2] - 1000, ARGV[3])
end
return 1`;

/**
 * Renews sessions. KEYS: sessions. ARGV: ms to live, the id up to which joins are in them, then for each: token, the list of
 * what expires (or ""), its name there. Answers for each 1, 0 when another owns it or it has ended, 2 when it is not there.
 */
export const TOUCH = `
local now = redis.call('TIME')
local expires = now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[1] - 1000
local answers = {}
for i, key in ipairs(KEYS) do
  local n = i * 3
  local s = redis.call('HMGET', key, 't', 'e')
  if not s[1] then
    answers[i] = 2
  elseif s[2] or s[1] ~= ARGV[n] then
    answers[i] = 0
  else
    redis.call('HSET', key, 'a', ARGV[2])
    redis.call('PEXPIRE', key, ARGV[1])
    if ARGV[n + 1] ~= '' then redis.call('ZADD', ARGV[n + 1], expires, ARGV[n + 2]) end
    answers[i] = 1
  end
end
return answers`;

/** Removes a session of ours. KEYS: session, and the list of what expires (or nothing). ARGV: token, its name there. */
export const DROP = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
if KEYS[2] then redis.call('ZREM', KEYS[2], ARGV[2]) end
return redis.call('DEL', KEYS[1])`;

/**
 * Ends a session of ours. Nobody can claim it any more, but its socket's messages that wait still find rooms, data and
 * handshake in it. FINISH of the last one removes it.
 * KEYS: session, and the list of what expires (or nothing). ARGV: token, its name there, ms to live at most.
 */
export const END = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
if KEYS[2] then redis.call('ZREM', KEYS[2], ARGV[2]) end
redis.call('HSET', KEYS[1], 'e', '1')
return redis.call('PEXPIRE', KEYS[1], ARGV[3])`;

/** Says that a node lives. KEYS: the nodes of each of its namespaces. ARGV: uid, ms. */
export const REGISTER = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
for _, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', ms)
  redis.call('ZADD', key, ms + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', key, ARGV[2] * 2)
end
return 1`;

/** The nodes that live. KEYS: nodes. */
export const LIVING = `
local now = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now[1] * 1000 + math.floor(now[2] / 1000), '+inf')`;

/**
 * Renews what an app node owns, and takes what is free up to its share.
 * KEYS: the living app nodes, the counter of tokens, the io nodes' maxAge, then the leases, hashes as sessions are. ARGV: uid,
 * ms, "1" where it may take more, else it is about to close, and the others' share is all of it. Answers its share, the maxAge
 * or "", the time, then place and token of each that it owns.
 */
export const LEASE = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
if ARGV[3] == '1' then
  redis.call('ZADD', KEYS[1], ms + ARGV[2], ARGV[1])
else
  redis.call('ZREM', KEYS[1], ARGV[1])
end
local share = math.ceil((#KEYS - 3) / math.max(1, redis.call('ZCARD', KEYS[1])))
local answer = { share, redis.call('GET', KEYS[3]) or '', ms }
local count = 0
local free = {}
local mine = ARGV[1] .. '.'
for i = 4, #KEYS do
  local token = redis.call('HGET', KEYS[i], 't')
  if not token then
    free[#free + 1] = i
  elseif string.sub(token, 1, #mine) == mine then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
    answer[#answer + 1] = i - 4
    answer[#answer + 1] = token
    count = count + 1
  end
end
for _, i in ipairs(free) do
  if count >= share or ARGV[3] ~= '1' then break end
  local token = mine .. redis.call('INCR', KEYS[2])
  redis.call('HSET', KEYS[i], 't', token)
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
  answer[#answer + 1] = i - 4
  answer[#answer + 1] = token
  count = count + 1
end
return answer`;

/** Gives a stream back. KEYS: lease. ARGV: token. */
export const RELEASE = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * An entry is handled: it goes, and what its handlers emitted, their acknowledgement and the socket's data come, in one step.
 * KEYS: lease, inbound stream, session, then the streams. ARGV: token of the lease, id of the entry, data (or ""), prefix of
 * nodes' own streams, what the socket's node is told of the data, "1" for the last message of a session; then 7 for each
 * entry: place of its stream, lowest id to keep (or ""), most entries to have (or ""), most bytes (or ""), ms that the stream
 * lives (or ""), head, data. Done a second time it does nothing. Answers "done", "again", "fenced", or how many entries were
 * left out because their streams are full.
 */
export const FINISH = `${STREAMS}
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 'fenced' end
if redis.call('XDEL', KEYS[2], ARGV[2]) == 0 then return 'again' end
if ARGV[6] == '1' then
  if redis.call('HGET', KEYS[3], 'e') then redis.call('DEL', KEYS[3]) end
elseif ARGV[3] ~= '' and redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('HSET', KEYS[3], 'd', ARGV[3])
  local owner = string.match(redis.call('HGET', KEYS[3], 't') or '', '^[^.]+')
  if owner then tell(ARGV[4] .. owner, 'data', ARGV[5]) end
end
local left = 0
local i = 7
while ARGV[i] do
  local stream = KEYS[tonumber(ARGV[i])]
  if isFull(stream, ARGV[i + 2], ARGV[i + 3], ARGV[i + 6]) then
    left = left + 1
  else
    add(stream, ARGV[i + 1], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6])
  end
  i = i + 7
end
if left > 0 then return left end
return 'done'`;

/**
 * Sessions that nobody came back to end: their sockets' app node hears of it in its place among their messages. One that lives
 * longer than the list says was claimed a moment ago, and is not written by its new owner yet.
 * KEYS: lease, list of what expires, inbound stream. ARGV: token, what the keys of sessions begin with, ms that an ended session
 * lives at most. Answers how many it has looked at.
 */
export const EXPIRE = `
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local names = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ms, 'LIMIT', 0, 200)
for _, name in ipairs(names) do
  local session = cjson.decode(name)
  local key = ARGV[2] .. session[1] .. ':' .. session[2]
  local left = redis.call('PTTL', key)
  if left > 1100 and not redis.call('HGET', key, 'e') then
    redis.call('ZADD', KEYS[2], ms + left - 1000, name)
  else
    if left > 0 then
      redis.call('HSET', key, 'e', '1')
      redis.call('PEXPIRE', key, ARGV[3])
    end
    redis.call('ZREM', KEYS[2], name)
    local data = { nsp = session[1], pid = session[2], sid = session[3], reason = 'session expired' }
    redis.call('XADD', KEYS[3], '*', 'h', 'disconnect -', 'd', cjson.encode(data))
  end
end
return #names`;

/** How long a session that has ended waits for its last messages to be handled, in ms. */
export const ENDED_LIVES = 86_400_000;
