// Plaid's own client, unchanged but for the address.
import assert from "node:assert/strict";
import { test } from "node:test";
import plaid from "plaid";
import { account, app } from "../idmock.mjs";

const basePath = process.env.IDMOCK_PLAID ?? "http://127.0.0.1:8082";
const template = "idvtmp_4FrXJvfQU3zGUR";
let made = 0;

async function start(scenario) {
  const key = `client-${process.pid}-${Date.now()}-${made++}`;
  const idmock = account(key);
  const receiver = await app();
  await idmock.freeze();
  await idmock.webhook("plaid", receiver.url);
  if (scenario) await idmock.arm("plaid", scenario);
  const headers = { "PLAID-CLIENT-ID": key, "PLAID-SECRET": await idmock.credential("plaid", "PLAID_SECRET") };
  const api = new plaid.PlaidApi(new plaid.Configuration({ basePath, baseOptions: { headers } }));
  return { idmock, api, bodies: () => receiver.received.map(({ body }) => JSON.parse(body)) };
}

const create = (api, user) => api.identityVerificationCreate({
  template_id: template, is_shareable: true, gave_consent: true, user: { client_user_id: user, email_address: `${user}@example.com` } });
const status = async (api, id) => (await api.identityVerificationGet({ identity_verification_id: id })).data.status;

test("a verification is active, and passes", async () => {
  const { idmock, api, bodies } = await start();
  const { data } = await create(api, "user-1");
  assert.match(data.id, /^idv_/);
  assert.equal(data.status, "active");
  assert.equal(data.steps.verify_sms, "active");
  assert.equal(data.user.email_address, "user-1@example.com");
  await idmock.advance("1m");
  assert.deepEqual(bodies(), [{ webhook_type: "IDENTITY_VERIFICATION", webhook_code: "STATUS_UPDATED", identity_verification_id: data.id, environment: "sandbox" }]);
  const { data: done } = await api.identityVerificationGet({ identity_verification_id: data.id });
  assert.equal(done.status, "success");
  assert.equal(done.steps.selfie_check, "success");
  const listed = await api.identityVerificationList({ template_id: template, client_user_id: "user-1" });
  assert.deepEqual(listed.data.identity_verifications.map((verification) => verification.id), [data.id]);
});

test("a selfie of another person", async () => {
  const { idmock, api } = await start("rejected");
  const { data } = await create(api, "user-2");
  await idmock.advance("1m");
  const { data: done } = await api.identityVerificationGet({ identity_verification_id: data.id });
  assert.equal(done.status, "failed");
  assert.equal(done.steps.selfie_check, "failed");
});

test("a review takes a day", async () => {
  const { idmock, api, bodies } = await start("review");
  const { data: { id } } = await create(api, "user-3");
  await idmock.advance("1m");
  assert.equal(await status(api, id), "pending_review");
  await idmock.advance("24h");
  assert.equal(await status(api, id), "success");
  assert.equal(bodies().length, 2);
});

test("a screening finds a person", async () => {
  const { idmock, api, bodies } = await start("rejected");
  const { data } = await api.watchlistScreeningIndividualCreate({
    client_user_id: "user-4", search_terms: { watchlist_program_id: "prg_2eRPsDnL66rZ7H", legal_name: "Aleksey Potemkin" } });
  assert.equal(data.status, "pending_review");
  assert.equal(data.search_terms.legal_name, "Aleksey Potemkin");
  await idmock.advance("1h");
  assert.equal(bodies()[0].screening_id, data.id);
  assert.equal((await api.watchlistScreeningIndividualGet({ watchlist_screening_id: data.id })).data.status, "rejected");
});

test("mistakes are Plaid's errors", async () => {
  const { api } = await start();
  const refusal = async (call) => (await call.then(() => assert.fail("accepted"), (error) => error.response)).data;
  assert.equal((await refusal(api.identityVerificationGet({ identity_verification_id: "idv_unknown" }))).error_code, "INVALID_FIELD");
  assert.equal((await refusal(api.identityVerificationCreate({ template_id: template }))).error_type, "INVALID_REQUEST");
  const refused = new plaid.PlaidApi(new plaid.Configuration({ basePath, baseOptions: { headers: { "PLAID-CLIENT-ID": "invalid-client" } } }));
  assert.equal((await refusal(create(refused, "user-5"))).error_code, "INVALID_API_KEYS");
});
