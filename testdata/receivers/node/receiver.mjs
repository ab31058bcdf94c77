// Shared code of the receivers in this directory: HTTP, settings, and the events received. The events and the
// authentication of each provider are in a file of its own.
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { Kept } from "./store.mjs";

const maxBody = 1 << 20;

// Refused is thrown by authenticate() for a rejected event.
export class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

// secret reads a required setting: anyone could send an empty secret.
export function secret(name, description) {
  const value = process.env[name] ?? "";
  if (value === "") stop(`set ${name} to ${description}`);
  return value;
}

// secrets reads a secret and NAME_NEXT: during a rotation, both are accepted.
export function secrets(name, description) {
  const next = process.env[`${name}_NEXT`] ?? "";
  return next === "" ? [secret(name, description)] : [secret(name, description), next];
}

// choice reads a setting with a fixed set of values; the first is the default.
export function choice(name, ...words) {
  const word = process.env[name] || words[0];
  if (!words.includes(word)) stop(`${name} is one of ${words.join(", ")}`);
  return word;
}

// equal compares a value with a secret in constant time. timingSafeEqual requires equal lengths, which digests have
// without revealing the length of the secret.
export const equal = (got, expected) => timingSafeEqual(digest(got ?? ""), digest(expected));

export const digest = (value) => createHash("sha256").update(value).digest();

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// decode parses a body as a JSON object.
export function decode(body) {
  let event;
  try {
    // fatal: rejects invalid UTF-8, which toString() would replace silently.
    event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refused(400, "the body is not JSON");
  }
  if (!isObject(event)) throw new Refused(400, "the body is not an object");
  return event;
}

// serve calls authenticate(headers, body, address, request) for each event; address is the sender's IP address. It returns the
// record to keep and print; an id to detect duplicates, or none if the provider has no ID; and the news, null if there
// is none, or undefined if the record is the news. It throws Refused to reject.
//
// work(news), if given, processes news after the response, except for duplicates. route(method, url), if given, handles
// other requests and returns [status, value], or nothing.
export function serve(authenticate, { work, route } = {}) {
  const port = Number(process.env.PORT ?? 0);
  const brokenStatus = Number(process.env.STATUS ?? 0);
  const events = [];
  const seen = new Kept("seen"); // with STORE, duplicates are detected across restarts

  // The news of acknowledged events until they are processed: the provider does not send those again.
  const todo = new Kept("todo");
  for (const [key, news] of todo) if (news !== null) setImmediate(perform, key, news);

  async function perform(key, news) {
    await work(news);
    todo.set(key, null);
  }

  function accept(headers, body, request) {
    if (brokenStatus) return [brokenStatus, { error: "this receiver is set to fail" }];
    try {
      const [record, id, news = record] = authenticate(headers, body, request.socket.remoteAddress, request);
      if (id !== undefined) {
        record.duplicate = seen.has(id);
        if (!record.duplicate) seen.set(id, true);
      }
      events.push(record);
      console.log(JSON.stringify(record));
      if (work && news && !record.duplicate) {
        const key = randomUUID();
        todo.set(key, news);
        setImmediate(perform, key, news);
      }
      // A duplicate gets the same response as the first: any other status would cause a retry.
      return [200, { received: true }];
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return [refused.status, { error: refused.message }];
    }
  }

  const server = createServer(async (request, response) => {
    try {
      if (request.method === "GET" && request.url === "/events") return answer(response, 200, events);
      const routed = await route?.(request.method, request.url);
      if (routed) return answer(response, ...routed);
      if (request.method !== "POST") return answer(response, 405, { error: "method not allowed: use POST" }, { Allow: "POST" });
      const body = await read(request);
      // The rest of the body is unread, so the connection cannot be reused.
      if (body === null) return answer(response, 413, { error: "the body is too large" }, { Connection: "close" });
      answer(response, ...accept(request.headers, body, request));
    } catch {
      // The sender disconnected in the middle of its body.
      response.destroy();
    }
  });
  server.on("error", (error) => stop(error.message));
  server.listen(port, "127.0.0.1", () => console.log(`listening http://127.0.0.1:${server.address().port}`));

  process.on("SIGTERM", () => {
    // Finish current requests; close idle kept-alive connections.
    server.close();
    server.closeIdleConnections();
  });
}

// read returns the original bytes, which must not be parsed before authentication; null if there are too many.
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

function stop(reason) {
  console.error(reason);
  process.exit(2);
}
