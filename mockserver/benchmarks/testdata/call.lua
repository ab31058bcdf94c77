-- A provider's request with another subject each time.
local threads = 0
function setup(thread)
   thread:set("id", threads)
   threads = threads + 1
end

local n = 0
local headers = { ["Content-Type"] = "application/json", ["X-Api-Key"] = "bench" }
function request()
   n = n + 1
   return wrk.format("POST", nil, headers, string.format('{"number":"5%d%09d"}', id, n))
end
