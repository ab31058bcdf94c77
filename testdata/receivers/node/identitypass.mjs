// A webhook receiver for Identitypass as an application would have it, with nothing but Node.
//
//   IDENTITYPASS_PUBLIC_KEY=pk_… PORT=4000 node identitypass.mjs
//
// It prints `listening http://127.0.0.1:PORT`, then one line of JSON for each event it accepts. GET /events lists
// them. STATUS=500 makes it answer every event with that status: a receiver that is down.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const publicKey = process.env.IDENTITYPASS_PUBLIC_KEY ?? "";
const port = Number(process.env.PORT ?? 0);
const brokenStatus = Number(process.env.STATUS ?? 0);
const maxBody = 1 << 20;

// Without a key the expected signature would be the empty string, which anybody can send.
if (publicKey === "") {
  console.error("set IDENTITYPASS_PUBLIC_KEY to the public key of your account");
  process.exit(2);
}

const digest = (value) => createHash("sha256").update(value).digest();

// Identitypass signs no body: the header is the account's public key in base64, the same on every event.
const expected = digest(Buffer.from(publicKey, "utf8").toString("base64"));

// timingSafeEqual wants equal lengths. Comparing digests gives it those without telling how long the key is.
const signatureFits = (got) => timingSafeEqual(digest(got ?? ""), expected);

const events = [];
const seen = new Set();

// accept returns the status and the body of the answer to one event.
function accept(headers, body) {
  if (brokenStatus) return [brokenStatus, { error: "this receiver is set to fail" }];
  // Who is asking comes first: nothing of a stranger's body is looked at.
  if (!signatureFits(headers["x-identitypass-signature"])) {
    return [401, { error: "X-Identitypass-Signature is not that of this account" }];
  }
  const token = headers["token"] ?? "";
  if (token === "") return [401, { error: "the Token header is missing" }];

  let event;
  try {
    // fatal: a body that is not UTF-8 is refused, where toString() would patch it up and let it through.
    event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return [400, { error: "the body is not JSON" }];
  }
  if (!isObject(event) || !["PORTAL", "CHECKOUT"].includes(event.source)) {
    return [400, { error: "source is neither PORTAL nor CHECKOUT" }];
  }
  if (!isObject(event.data)) return [400, { error: "data is not an object" }];

  // The token names the verification, not the event: what was pending (02) and is confirmed later (00) comes twice
  // under one token, so the token alone would throw the confirmation away as a repeat.
  const responseCode = event.data.response_code ?? null;
  const key = JSON.stringify([token, responseCode]);
  const duplicate = seen.has(key);
  seen.add(key);

  const record = { token, source: event.source, response_code: responseCode, duplicate };
  events.push(record);
  console.log(JSON.stringify(record));
  // A repeat is answered like the first: any other status would make the sender try again.
  return [200, { received: true }];
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// read collects the bytes as they came, for nothing may be decoded before the sender is known; null if too many.
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response, status, value, headers = {}) {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

const server = createServer(async (request, response) => {
  try {
    if (request.method === "GET" && request.url === "/events") return answer(response, 200, events);
    if (request.method !== "POST") return answer(response, 405, { error: "POST events here" }, { Allow: "POST" });
    const body = await read(request);
    // The rest of the body stays unread, so the connection cannot carry another request.
    if (body === null) return answer(response, 413, { error: "the body is too large" }, { Connection: "close" });
    answer(response, ...accept(request.headers, body));
  } catch {
    // The sender went away in the middle of its body: nobody is left to answer.
    response.destroy();
  }
});

server.on("error", (error) => {
  console.error(error.message);
  process.exit(2);
});
server.listen(port, "127.0.0.1", () => console.log(`listening http://127.0.0.1:${server.address().port}`));

process.on("SIGTERM", () => {
  // What is being answered is finished; connections kept alive for a next event are not waited for.
  server.close();
  server.closeIdleConnections();
});
