-- wrk as the ceiling: an Invoke of the usual size whose signature was computed once (it signs nothing), one JSON line.
-- Arguments behind "--": depth (requests written at once), payload bytes.
-- wrk has no warm-up: its connections' handshakes are part of its time. It corrects its latencies for coordinated
-- omission, so that its tail reads longer than a plain closed loop's.
function init(arguments)
    local depth = tonumber(arguments[1] or "1")
    local payload_bytes = tonumber(arguments[2] or "256")
    wrk.method = "POST"
    wrk.path = "/2015-03-31/functions/bench/invocations"
    wrk.body = '{"data":"' .. string.rep("x", math.max(0, payload_bytes - 11)) .. '"}'
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.headers["User-Agent"] = "wrk in the place of an SDK, whose user agent is about as long as this one, ua/2.1 os/linux lang/none"
    wrk.headers["X-Amz-Date"] = "20261122T123251Z"
    wrk.headers["X-Amz-Invocation-Type"] = "RequestResponse"
    wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-1/lambda/aws4_request, "
        .. "SignedHeaders=content-type;host;x-amz-date;x-amz-invocation-type, Signature=" .. string.rep("0123456789abcdef", 4)
    -- A script with a `request` of its own is asked for every request, which costs wrk time: only where it must be.
    if depth > 1 then
        local batch = string.rep(wrk.format(), depth)
        request = function() return batch end
    end
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format(
        '{"name":"wrk","requests":%d,"seconds":%.6f,"errors":%d,'
            .. '"latency_us":{"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d}}\n',
        summary.requests, summary.duration / 1e6, failed, latency:percentile(50), latency:percentile(90),
        latency:percentile(99), latency:percentile(99.9), latency.max))
end
