import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { account } from "./idmock.mjs";

// The app: it records webhooks, and fails the first.
const received = [];
const app = createServer(async (request, response) => {
  const chunks = await request.toArray();
  received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks)) });
  response.writeHead(received.length === 1 ? 503 : 200).end();
});

before(async () => { app.listen(0, "127.0.0.1"); await once(app, "listening"); });
after(() => app.close());

test("a pending check is confirmed, and the webhook is retried", async () => {
  const key = `node-${process.pid}-${Date.now()}`;
  const idmock = account(key);
  await idmock.freeze();
  await idmock.webhook("identitypass", `http://127.0.0.1:${app.address().port}/webhooks`);

  const response = await fetch(`${idmock.base("identitypass")}/api/v2/biometrics/merchant/data/verification/bvn`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify({ number: "22222222222" }),
  });
  const check = await response.json();
  assert.equal(check.response_code, "02");
  assert.equal(received.length, 0);

  await idmock.advance("1h");
  assert.equal(received.length, 2);
  assert.equal(received[1].headers.token, check.verification.reference);
  assert.equal(received[1].body.data.response_code, "00");
});
