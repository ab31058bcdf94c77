// Stripe's own client and its verification of events, unchanged but for the address.
import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { account, app } from "../idmock.mjs";

const { hostname: host, port } = new URL(process.env.IDMOCK_STRIPE ?? "http://127.0.0.1:8081");
let made = 0;

async function start(scenario) {
  const key = `sk_test_${process.pid}_${Date.now()}_${made++}`;
  const idmock = account(key);
  const receiver = await app();
  await idmock.freeze();
  await idmock.webhook("stripe", receiver.url);
  if (scenario) await idmock.arm("stripe", scenario);
  const secret = await idmock.credential("stripe", "STRIPE_WEBHOOK_SECRET");
  const stripe = new Stripe(key, { host, port, protocol: "http", maxNetworkRetries: 0 });
  const events = () => receiver.received.map(({ headers, body }) => stripe.webhooks.constructEvent(body, headers["stripe-signature"], secret));
  return { idmock, stripe, events, receiver };
}

const types = (events) => events.map((event) => event.type.replace("identity.verification_session.", ""));

test("a session is processed, and verified", async () => {
  const { idmock, stripe, events, receiver } = await start();
  const session = await stripe.identity.verificationSessions.create({
    type: "document",
    metadata: { subject: "customer-7", order: "a b&c" },
    options: { document: { allowed_types: ["passport", "id_card"], require_matching_selfie: true } },
  });
  assert.match(session.id, /^vs_/);
  assert.equal(session.object, "identity.verification_session");
  assert.equal(session.status, "requires_input");
  assert.equal(session.last_error, null);
  assert.equal(session.metadata.order, "a b&c");
  assert.deepEqual(session.options.document.allowed_types, ["passport", "id_card"]);
  assert.equal(session.options.document.require_matching_selfie, true);
  assert.ok(session.client_secret.startsWith(session.id));

  await idmock.advance("1m");
  assert.equal((await stripe.identity.verificationSessions.retrieve(session.id)).status, "processing");
  await idmock.advance("2s");
  const done = await stripe.identity.verificationSessions.retrieve(session.id);
  assert.equal(done.status, "verified");

  const got = events();
  assert.deepEqual(types(got), ["created", "processing", "verified"]);
  assert.equal(new Set(got.map((event) => event.id)).size, 3);
  for (const event of got) {
    assert.equal(event.data.object.id, session.id);
    assert.equal(event.data.object.metadata.subject, "customer-7");
  }
  assert.equal(got[2].data.object.status, "verified");
  assert.equal(got[2].data.object.last_verification_report, done.last_verification_report);
  const { headers, body } = receiver.received[2];
  assert.throws(() => stripe.webhooks.constructEvent(body.replace("customer-7", "customer-8"), headers["stripe-signature"], "whsec_x"));

  const report = await stripe.identity.verificationReports.retrieve(done.last_verification_report);
  assert.equal(report.id, done.last_verification_report);
  assert.equal(report.verification_session, session.id);
  assert.equal(report.selfie.status, "verified");
  assert.equal(report.document.error, null);
});

test("a selfie of another person", async () => {
  const { idmock, stripe, events } = await start("rejected");
  const { id } = await stripe.identity.verificationSessions.create({ type: "document" });
  await idmock.advance("2m");
  const session = await stripe.identity.verificationSessions.retrieve(id);
  assert.equal(session.status, "requires_input");
  assert.equal(session.last_error.code, "selfie_face_mismatch");
  const got = events();
  assert.deepEqual(types(got), ["processing", "requires_input"]);
  assert.equal(got[1].data.object.last_error.code, "selfie_face_mismatch");
  assert.equal((await stripe.identity.verificationReports.retrieve(session.last_verification_report)).selfie.status, "unverified");
});

test("a review takes a day", async () => {
  const { idmock, stripe, events } = await start("review");
  const { id } = await stripe.identity.verificationSessions.create({ type: "id_number" });
  await idmock.advance("20h");
  assert.equal((await stripe.identity.verificationSessions.retrieve(id)).status, "processing");
  await idmock.advance("5h");
  assert.equal((await stripe.identity.verificationSessions.retrieve(id)).status, "verified");
  assert.deepEqual(types(events()), ["processing", "verified"]);
});

test("sessions are listed, updated and cancelled; files are uploaded; mistakes are Stripe's errors", async () => {
  const { idmock, stripe, events } = await start();
  const sessions = stripe.identity.verificationSessions;
  const { id } = await sessions.create({ type: "document", metadata: { order: "1" } });
  assert.deepEqual((await sessions.update(id, { metadata: { order: "2" } })).metadata, { order: "2" });
  assert.deepEqual((await sessions.list({ limit: 3 })).data.map((session) => session.id), [id]);
  assert.equal((await sessions.cancel(id)).status, "canceled");
  await idmock.advance("1s");
  assert.equal(types(events()).at(-1), "canceled");

  const file = await stripe.files.create({ purpose: "identity_document", file: { data: Buffer.from("scan"), name: "front.png", type: "image/png" } }, { host });
  assert.equal(file.object, "file");
  assert.equal(file.purpose, "identity_document");

  await assert.rejects(sessions.retrieve("vs_unknown"), { type: "StripeInvalidRequestError", statusCode: 404, code: "resource_missing" });
  await assert.rejects(sessions.create({ type: "nonsense" }), { type: "StripeInvalidRequestError", statusCode: 400, param: "type" });
  const refused = new Stripe("invalid_key", { host, port, protocol: "http", maxNetworkRetries: 0 });
  await assert.rejects(refused.identity.verificationSessions.list(), { type: "StripeAuthenticationError", statusCode: 401 });
});
