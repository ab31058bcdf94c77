// Adyen's own client, unchanged: it calls https://kyc-test.adyen.com, which a proxy leads to idmock.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, test } from "node:test";
import adyen from "@adyen/api-library";
import { account, app } from "../idmock.mjs";

const hosts = new URL(process.env.IDMOCK_ADYEN ?? "https://127.0.0.1:8443");
let made = 0;

// Connections to any host end at idmock, as behind the proxy of a company.
const proxy = createServer().on("connect", (_request, client, head) => {
  const server = connect(hosts.port, hosts.hostname, () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    server.write(head);
    server.pipe(client).pipe(server);
  });
  server.on("error", () => client.destroy());
  client.on("error", () => server.destroy());
});
proxy.listen(0, "127.0.0.1");
await once(proxy, "listening");
after(() => proxy.close());

function legalEntities(apiKey) {
  const transport = new adyen.HttpURLConnectionClient();
  transport.proxy = { host: "127.0.0.1", port: proxy.address().port };
  return new adyen.LegalEntityManagementAPI(new adyen.Client({ apiKey, environment: "TEST", httpClient: transport })).LegalEntitiesApi;
}

async function start(scenario) {
  const key = `adyen_${process.pid}_${Date.now()}_${made++}`;
  const idmock = account(key);
  const receiver = await app();
  await idmock.freeze();
  await idmock.webhook("adyen", receiver.url);
  if (scenario) await idmock.arm("adyen", scenario);
  return { idmock, receiver, api: legalEntities(key), password: await idmock.credential("adyen", "ADYEN_WEBHOOK_PASSWORD") };
}

const person = {
  type: "individual",
  reference: "customer-7",
  individual: { name: { firstName: "Ada", lastName: "Obi" }, residentialAddress: { country: "NL" } },
};
const status = (entity) => entity.capabilities.receivePayments.verificationStatus;
const holder = ({ body }) => JSON.parse(body).data.accountHolder;

test("a legal entity is pending, and valid", async () => {
  const { idmock, receiver, api, password } = await start();
  const entity = await api.createLegalEntity(person);
  assert.match(entity.id, /^LE[0-9A-Z]{24}$/);
  assert.equal(entity.reference, "customer-7");
  assert.equal(entity.individual.name.lastName, "Obi");
  assert.equal(status(entity), "pending");
  assert.equal(entity.capabilities.receivePayments.allowed, false);

  await idmock.advance("5m");
  const done = await api.getLegalEntity(entity.id);
  assert.equal(status(done), "valid");
  assert.equal(done.capabilities.receivePayments.allowed, true);

  assert.equal(receiver.received.length, 1);
  const [{ headers, body }] = receiver.received;
  assert.equal(headers.authorization, "Basic " + Buffer.from(`idmock:${password}`).toString("base64"));
  assert.equal(JSON.parse(body).type, "balancePlatform.accountHolder.updated");
  assert.equal(holder({ body }).legalEntityId, entity.id);
  assert.equal(holder({ body }).reference, "customer-7");
  assert.equal(holder({ body }).capabilities.receivePayments.verificationStatus, "valid");
});

test("a postal code is missing, and added", async () => {
  const { idmock, receiver, api } = await start("review");
  const { id } = await api.createLegalEntity(person);
  await idmock.advance("5m");
  assert.equal(status(await api.getLegalEntity(id)), "invalid");
  const { problems } = await api.checkLegalEntitysVerificationErrors(id);
  assert.equal(problems[0].entity.id, id);
  assert.equal(problems[0].verificationErrors[0].code, "28021");
  assert.deepEqual(holder(receiver.received[0]).capabilities.receivePayments.problems[0].verificationErrors[0].remediatingActions[0].code, "2108");

  const address = { country: "NL", postalCode: "1011DJ" };
  const changed = await api.updateLegalEntity(id, { individual: { ...person.individual, residentialAddress: address } });
  assert.deepEqual(changed.individual.residentialAddress, address);
  assert.equal(status(changed), "pending");
  await idmock.advance("20h");
  assert.equal(status(await api.getLegalEntity(id)), "pending");
  await idmock.advance("5h");
  assert.equal(status(await api.getLegalEntity(id)), "valid");
  assert.deepEqual((await api.checkLegalEntitysVerificationErrors(id)).problems, []);
  assert.deepEqual(receiver.received.map((got) => holder(got).capabilities.receivePayments.verificationStatus), ["invalid", "valid"]);
});

test("a rejected capability, and mistakes", async () => {
  const { idmock, receiver, api } = await start("rejected");
  const { id } = await api.createLegalEntity(person);
  await idmock.advance("5m");
  assert.equal(status(await api.getLegalEntity(id)), "rejected");
  assert.equal(holder(receiver.received[0]).capabilities.receivePayments.allowed, false);

  await assert.rejects(api.getLegalEntity("LE0"), { statusCode: 404 });
  await assert.rejects(api.createLegalEntity({ type: "robot" }), { statusCode: 422 });
  await assert.rejects(legalEntities("invalid_key").createLegalEntity(person), { statusCode: 401 });
});
