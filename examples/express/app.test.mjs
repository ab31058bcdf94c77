import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Idmock } from "@idmock/client";
import { createApp } from "./app.mjs";

test("forged events are rejected, duplicates ignored, retries accepted", async (t) => {
  const idmock = new Idmock();
  const account = idmock.account(`express-${process.pid}-${Date.now()}`);
  await account.freeze();
  const { IDENTITYPASS_PUBLIC_KEY } = await account.environment("identitypass");

  const done = [];
  const server = createApp(IDENTITYPASS_PUBLIC_KEY, (result) => done.push(result)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  await account.webhook("identitypass", `http://127.0.0.1:${server.address().port}/webhooks`);

  const verify = async () => {
    const response = await fetch(`${idmock.base("identitypass")}/api/v2/biometrics/merchant/data/verification/bvn`, {
      method: "POST",
      headers: { "x-api-key": account.key, "content-type": "application/json" },
      body: JSON.stringify({ number: "22222222222" }),
    });
    return (await response.json()).verification.reference;
  };
  await account.fault({ fault: "wrong-secret", times: 1 });
  await verify();
  await account.advance("30s");
  assert.deepEqual(done, []);

  await account.fault({ fault: "duplicate", times: 1 });
  const reference = await verify();
  await account.advance("30s");
  assert.deepEqual(done, [{ reference, code: "00" }]);
  const statuses = (await account.deliveries()).flatMap((d) => d.attempts.map((a) => a.response.status));
  assert.deepEqual(statuses.filter((s) => s === 200).length, 2);
  assert.ok(statuses.includes(401));
});
