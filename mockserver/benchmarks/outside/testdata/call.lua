-- A provider's request with another subject each time. The environment variable ACCOUNTS spreads them over accounts,
-- first one request to each account.
local threads = 0
function setup(thread)
   thread:set("id", threads)
   threads = threads + 1
end

local n = 0
local accounts = tonumber(os.getenv("ACCOUNTS") or "1")
local path = os.getenv("CALL_PATH")
local headers = { ["Content-Type"] = "application/json", ["X-Api-Key"] = "bench" }
function request()
   n = n + 1
   if accounts > 1 then
      headers["X-Api-Key"] = "bench" .. ((n * 2 + id) % accounts)
   end
   return wrk.format("POST", path, headers, string.format('{"number":"5%d%09d"}', id, n))
end
