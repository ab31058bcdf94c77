// What the receivers in this folder have in common: HTTP, settings, and a memory of what came. Whose events they take,
// and how they know the sender, is told in a file for each provider.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { Kept } from "./store.mjs";

const maxBody = 1 << 20;

// Refused is what a judge throws at an event that it does not take.
export class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

// secret reads a setting that must be there: an empty secret is one that anybody can send.
export function secret(name, what) {
  const value = process.env[name] ?? "";
  if (value === "") stop(`set ${name} to ${what}`);
  return value;
}

// secrets reads such a setting, and NAME_NEXT beside it: while a secret is replaced, both are taken.
export function secrets(name, what) {
  const next = process.env[`${name}_NEXT`] ?? "";
  return next === "" ? [secret(name, what)] : [secret(name, what), next];
}

// choice reads a setting that is one of some words; the first stands for none.
export function choice(name, ...words) {
  const word = process.env[name] || words[0];
  if (!words.includes(word)) stop(`${name} is one of ${words.join(", ")}`);
  return word;
}

// equal compares what was sent with a secret, and takes as long for a good guess as for a bad one. timingSafeEqual wants
// equal lengths: comparing digests gives it those without telling how long the secret is.
export const equal = (got, expected) => timingSafeEqual(digest(got ?? ""), digest(expected));

export const digest = (value) => createHash("sha256").update(value).digest();

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// decode reads a body as a JSON object.
export function decode(body) {
  let event;
  try {
    // fatal: a body that is not UTF-8 is refused, where toString() would patch it up and let it through.
    event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refused(400, "the body is not JSON");
  }
  if (!isObject(event)) throw new Refused(400, "the body is not an object");
  return event;
}

// serve asks judge(headers, body, address, request) about each event, which came from that IP address. It returns what to
// remember and print of the event; an id by which a repeat is known, or none where the provider gives nothing that would
// tell; and the news in it, null if there is none, or else all of it is news. Or it throws Refused.
//
// work(news), if given, does what it says, once the event is answered, and not for a repeat. route(method, url), if given,
// answers other requests: [status, value], or nothing.
export function serve(judge, { work, route } = {}) {
  const port = Number(process.env.PORT ?? 0);
  const brokenStatus = Number(process.env.STATUS ?? 0);
  const events = [];
  const seen = new Kept("seen"); // with STORE, a repeat is known after a restart, too

  function accept(headers, body, request) {
    if (brokenStatus) return [brokenStatus, { error: "this receiver is set to fail" }];
    try {
      const [record, id, news = record] = judge(headers, body, request.socket.remoteAddress, request);
      if (id !== undefined) {
        record.duplicate = seen.has(id);
        if (!record.duplicate) seen.set(id, true);
      }
      events.push(record);
      console.log(JSON.stringify(record));
      if (work && news && !record.duplicate) setImmediate(work, news);
      // A repeat is answered like the first: any other status would make the sender try again.
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
      if (request.method !== "POST") return answer(response, 405, { error: "POST events here" }, { Allow: "POST" });
      const body = await read(request);
      // The rest of the body stays unread, so the connection cannot carry another request.
      if (body === null) return answer(response, 413, { error: "the body is too large" }, { Connection: "close" });
      answer(response, ...accept(request.headers, body, request));
    } catch {
      // The sender went away in the middle of its body: nobody is left to answer.
      response.destroy();
    }
  });
  server.on("error", (error) => stop(error.message));
  server.listen(port, "127.0.0.1", () => console.log(`listening http://127.0.0.1:${server.address().port}`));

  process.on("SIGTERM", () => {
    // What is being answered is finished; connections kept alive for a next event are not waited for.
    server.close();
    server.closeIdleConnections();
  });
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

function stop(reason) {
  console.error(reason);
  process.exit(2);
}
