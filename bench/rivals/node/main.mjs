// The same work through the AWS SDK for JavaScript v3: as many promises as shall be in flight, one JSON line at the end.
// "tuned" raises maxSockets to that number; "default" has the 50 sockets that the SDK comes with.
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const text = (otherwise) => ({ type: "string", default: otherwise });
const { values: given } = parseArgs({
  options: {
    endpoint: text("https://127.0.0.1:9444"), "ca-file": text(""), "in-flight": text("64"), warmup: text("1"),
    duration: text("5"), "payload-size": text("256"), variant: text("tuned"), once: { type: "boolean", default: false },
  },
});
const inFlight = Number(given["in-flight"]);
const sockets = { keepAlive: true, maxSockets: given.variant === "tuned" ? inFlight : 50 };
const trusted = given["ca-file"] ? { ca: readFileSync(given["ca-file"]) } : {};
const client = new LambdaClient({
  region: "eu-west-1",
  endpoint: given.endpoint,
  credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "" },
  requestHandler: new NodeHttpHandler({
    httpAgent: new http.Agent(sockets), httpsAgent: new https.Agent({ ...sockets, ...trusted }),
    socketAcquisitionWarningTimeout: 1e9,   // its warning would stand on stderr in every round of "default"
  }),
});
const payload = Buffer.from('{"data":"' + "x".repeat(Math.max(0, Number(given["payload-size"]) - 11)) + '"}');
const invoke = () => client.send(new InvokeCommand({ FunctionName: "bench", Payload: payload }));

if (given.once) {
  console.log(Buffer.from((await invoke()).Payload).toString());
  process.exit(0);
}

let measuring = false, stopped = false, errors = 0;
const latencies = [];
async function invokeUntilStopped() {
  while (!stopped) {
    const begun = performance.now();
    try {
      await invoke();
      if (measuring) latencies.push((performance.now() - begun) * 1e3);
    } catch {
      if (measuring) errors += 1;
    }
  }
}
const workers = Array.from({ length: inFlight }, invokeUntilStopped);
await sleep(Number(given.warmup) * 1e3);
const cpuBefore = process.cpuUsage(), begun = performance.now();
measuring = true;
await sleep(Number(given.duration) * 1e3);
measuring = false;
const seconds = (performance.now() - begun) / 1e3;
const cpu = process.cpuUsage(cpuBefore);
stopped = true;
await Promise.all(workers);

latencies.sort((a, b) => a - b);
const quantile = (q) => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? 0;
const { version } = createRequire(import.meta.url)("@aws-sdk/client-lambda/package.json");
console.log(JSON.stringify({
  name: `node-sdk-${given.variant}`, version: `${version}, node ${process.versions.node}`,
  requests: latencies.length, seconds, errors,
  cpu_us_per_request: (cpu.user + cpu.system) / Math.max(1, latencies.length), rss_mb: process.resourceUsage().maxRSS / 1024,
  latency_us: { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), p999: quantile(0.999), max: quantile(1) },
}));
process.exit(0);
