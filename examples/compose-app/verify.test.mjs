import assert from "node:assert/strict";
import { test } from "node:test";

const { IDMOCK, APP, IDENTITYPASS_KEY } = process.env;
const post = async (url, body) => {
  const response = await fetch(url, { method: "POST", body });
  assert.equal(response.status, 200, url);
  return response.json();
};
const idmock = (path, body) => post(`${IDMOCK}/_idmock/v1/${path}?account=${IDENTITYPASS_KEY}`, JSON.stringify(body));

test("a pending check is confirmed two days later", async () => {
  await idmock("clock", { frozen: true });
  await idmock("endpoints", { provider: "identitypass", url: `${APP}/webhooks` });

  const [reference] = Object.keys(await post(APP, "22222222222"));
  assert.deepEqual(await (await fetch(APP)).json(), { [reference]: "02" });

  await idmock("clock/advance", { by: "48h" });
  assert.deepEqual(await (await fetch(APP)).json(), { [reference]: "00" });
});
