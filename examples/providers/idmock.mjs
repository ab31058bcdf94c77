// The helper of the tests: an account of a running idmock, and an app that keeps the webhooks it gets.
import { once } from "node:events";
import { createServer } from "node:http";

export const control = process.env.IDMOCK ?? "http://127.0.0.1:8080";

export function account(key) {
  const call = async (path, body) => {
    const response = await fetch(`${control}/_idmock/v1/${path}?account=${encodeURIComponent(key)}`,
      body && { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  return {
    freeze: () => call("clock", { frozen: true }),
    arm: (provider, scenario) => call("arm", { provider, scenario }),
    advance: (by) => call("clock/advance", { by }), // returns once every due webhook was delivered or has failed
    webhook: (provider, url) => call("endpoints", { provider, url }),
    credential: async (provider, name) => (await call(`providers/${provider}/env`)).variables.find((v) => v.name === name).value,
  };
}

export async function app() {
  const received = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: Buffer.concat(await request.toArray()).toString() });
    response.writeHead(200).end();
  });
  server.listen(0, "127.0.0.1").unref(); // a failed test must not wait for it
  await once(server, "listening");
  return { url: `http://127.0.0.1:${server.address().port}/webhooks`, received };
}
