import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as client from "@idmock/client"; // the package by its own name: exports are tested, too

const { Idmock, IdmockError } = client;
const idmock = new Idmock();
const key = () => `js-${process.pid}-${Math.random().toString(36).slice(2)}`;
const bvn = (account, number) => fetch(`${idmock.base("identitypass")}/api/v2/biometrics/merchant/data/verification/bvn`, {
  method: "POST", headers: { "x-api-key": account.key, "content-type": "application/json" }, body: JSON.stringify({ number }),
});

test("advance, wait, deliveries, journal", async () => {
  await idmock.ready();
  const account = idmock.account(key());
  await account.freeze();
  const { url } = await account.webhook("identitypass", `${idmock.url}/_idmock/v1/receiver/${account.key}`);
  await account.fault({ fault: "duplicate", event: "verification.*", times: 1 });
  await bvn(account, "22222222222");
  const { delivered } = await account.advance("30s");
  assert.equal(delivered, 2);
  assert.equal((await account.wait({ outcome: "delivered", event: "verification.completed", count: 2 })).length, 2);
  const deliveries = await account.deliveries();
  assert.deepEqual(deliveries.map((d) => [d.event, d.status, d.url]), Array(2).fill(["verification.completed", "delivered", url]));
  assert.ok((await account.journal()).some((e) => e.kind === "attempt" && e.account === account.key));
  assert.deepEqual(await account.idle(), { idle: true, held: 0 });
});

test("arm, send, environment, reset, resume", async () => {
  const account = idmock.account(key());
  await account.arm("identitypass", "not-found", { calls: 1 });
  assert.equal((await (await bvn(account, "12345678901")).json()).response_code, "01");
  assert.equal((await (await bvn(account, "12345678901")).json()).response_code, "00");
  assert.equal((await account.environment("identitypass")).IDENTITYPASS_API_KEY, account.key);
  await account.webhook("identitypass", `${idmock.url}/_idmock/v1/receiver/${account.key}`);
  await account.send("identitypass", "verification.completed", { outcome: "rejected" });
  assert.equal((await account.wait({ outcome: "delivered" })).length, 1);
  await account.resume({ rate: 60 });
  await account.reset();
  assert.deepEqual(await account.deliveries(), []);
});

test("errors have the status and the reason", async () => {
  const account = idmock.account(key());
  await account.freeze();
  await assert.rejects(account.arm("identitypass", "nonsense"), (error) => error instanceof IdmockError && error.status >= 400 && /nonsense/.test(error.message));
  await assert.rejects(account.wait({ outcome: "delivered", timeout: "1ms" }), (error) => error.status === 408 && /0 of 1/.test(error.problem.detail));
  assert.throws(() => idmock.account(""), TypeError);
});

test("index.d.ts declares what index.js has", () => {
  const types = readFileSync(new URL("../index.d.ts", import.meta.url), "utf8");
  for (const [name, value] of Object.entries(client)) {
    const declared = types.match(new RegExp(`export class ${name}\\b[^{]*{([\\s\\S]*?)\\n}`))?.[1];
    assert.ok(declared, `${name} is not declared`);
    const methods = [...declared.matchAll(/^ {2}(\w+)[(<]/gm)].map((m) => m[1]).sort();
    assert.deepEqual(methods, Object.getOwnPropertyNames(value.prototype).sort(), name);
  }
});
