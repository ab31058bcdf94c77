import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { Idmock } from "@idmock/client";
import { GenericContainer, Wait } from "testcontainers";

const host = "host.docker.internal"; // this machine, as the container sees it
const received = [];
const app = createServer((request, response) => {
  received.push(request.headers);
  response.writeHead(received.length === 1 ? 503 : 200).end();
});
let container;
let idmock;

before(async () => {
  app.listen(0, "0.0.0.0"); // all addresses: the container does not reach loopback
  await once(app, "listening");
  container = await new GenericContainer(process.env.IDMOCK_IMAGE ?? "ghcr.io/idmock/idmock:v0.1")
    .withExposedPorts(8080)
    .withExtraHosts([{ host, ipAddress: "host-gateway" }])
    .withWaitStrategy(Wait.forLogMessage(/ready http/))
    .start();
  idmock = new Idmock(`http://${container.getHost()}:${container.getMappedPort(8080)}`);
});
after(async () => {
  await container?.stop();
  app.close();
});

test("a pending check is confirmed, and the webhook is retried", async () => {
  const account = idmock.account("testcontainers");
  await account.freeze();
  await account.webhook("identitypass", `http://${host}:${app.address().port}/webhooks`);
  const response = await fetch(`${idmock.base("identitypass")}/api/v2/biometrics/merchant/data/verification/bvn`, {
    method: "POST",
    headers: { "x-api-key": account.key, "content-type": "application/json" },
    body: JSON.stringify({ number: "22222222222" }),
  });
  const check = await response.json();
  assert.equal(check.response_code, "02");
  await account.advance("1h");
  assert.deepEqual(received.map((headers) => headers.token), Array(2).fill(check.verification.reference));
});
