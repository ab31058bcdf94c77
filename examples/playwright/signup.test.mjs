import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Idmock } from "@idmock/client";
import { chromium } from "playwright-core";

const { APP = "http://localhost:4173", HOSTS = "127.0.0.1:8443", CHROMIUM } = process.env;
const account = new Idmock().account("fioa1234"); // the public ID in the page

let browser;
let page;
before(async () => {
  browser = await chromium.launch({
    ...(CHROMIUM ? { executablePath: CHROMIUM } : { channel: "chrome" }),
    // The page is unchanged: this browser finds idmock where the real script is.
    args: [`--host-resolver-rules=MAP *.faceio.net:443 ${HOSTS}`],
  });
});
after(() => browser?.close());
beforeEach(async (t) => {
  await account.freeze();
  // The certificate of idmock's own authority. Or trust it: idmock ca.
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  page = await context.newPage();
  page.on("requestfailed", (request) => t.diagnostic(`${request.url()}: ${request.failure().errorText}`));
});
afterEach(() => account.reset());

test("a face signs up, and the app's webhook is about the same face", async (t) => {
  const received = [];
  const hooks = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push(body);
    response.end();
  }).listen(0, "127.0.0.1");
  await once(hooks, "listening");
  t.after(() => hooks.close());
  await account.webhook("faceio", `http://127.0.0.1:${hooks.address().port}/`);

  await page.goto(`${APP}/?idmock_outcome=success`);
  await page.getByRole("button", { name: "Sign up" }).click();
  const welcome = page.getByText("welcome");
  await welcome.waitFor();
  const face = (await welcome.textContent()).split(" ")[1];

  await account.advance("1s");
  assert.equal(received.length, 1);
  assert.match(received[0], new RegExp(face));
});

test("a minor is rejected", async () => {
  await page.goto(APP);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "MINORS_NOT_ALLOWED" }).click();
  await page.getByText("rejected: 22").waitFor();
});
