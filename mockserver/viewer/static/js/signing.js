// How a delivery was signed: scheme, secret, signed bytes, and a command that recomputes it. The page verifies the signature too.
import { h, put } from "./dom.js";
import { bytes, printed, quote } from "./shell.js";

const encode = (text) => new TextEncoder().encode(text);
const base64 = (data) => btoa(String.fromCharCode(...data));
const hex = (data) => [...data].map((b) => b.toString(16).padStart(2, "0")).join("");
const join = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const secretOf = (whsec) => bytes({ base64: whsec.replace(/^whsec_/, "") });

const HASH = "openssl dgst -sha256";

// By scheme: covered content, signature text, and the command that prints it.
const SCHEMES = {
  "base64-key": {
    covers: "nothing: the header is the secret itself in base64, so it proves only that the sender knows it",
    text: async ({ secret }) => base64(encode(secret)),
    command: ({ secret }) => `printf %s ${quote(secret)} | base64 -w0`,
  },
  token: {
    covers: "nothing: the header is the secret itself, so it proves only that the sender knows it",
    text: async ({ secret }) => secret,
    command: ({ secret }) => `printf %s ${quote(secret)}`,
  },
  "hmac-sha256": {
    covers: "the exact bytes of the body",
    text: async ({ secret, content, encoding }) => (encoding === "hex" ? hex : base64)(await hmac(encode(secret), bytes(content))),
    command: ({ secret, content, encoding }) =>
      `${printed(content)} | ${HASH} -hmac ${quote(secret)} ${encoding === "hex" ? "-r | cut -d' ' -f1" : "-binary | base64 -w0"}`,
  },
  "standard-webhooks": {
    covers: "the delivery's ID, the time and the exact bytes of the body, with a dot between",
    text: async ({ secret, content, id, time }) => "v1," + base64(await hmac(secretOf(secret), join(encode(`${id}.${time}.`), bytes(content)))),
    command: ({ secret, content, id, time }) =>
      `{ printf %s ${quote(`${id}.${time}.`)}; ${printed(content)}; } | ${HASH} -mac HMAC -macopt hexkey:${hex(secretOf(secret))} -binary | base64 -w0 | sed 's/^/v1,/'`,
  },
  "t-v1": {
    covers: "the time and the exact bytes of the body, with a dot between",
    text: async ({ secret, content, t }) => `t=${t},v1=${hex(await hmac(encode(secret), join(encode(t + "."), bytes(content))))}`,
    command: ({ secret, content, t }) =>
      `{ printf %s ${quote(t + ".")}; ${printed(content)}; } | ${HASH} -hmac ${quote(secret)} -r | sed 's/^\\([0-9a-f]*\\).*/t=${t},v1=\\1/'`,
  },
};

async function hmac(key, data) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

/** signature shows how an attempt was signed. hook describes the provider's webhooks, credentials are the account's;
 *  copy(text, button) copies a command. */
export function signature(attempt, hook, credentials, copy) {
  const theirs = attempt.signed_by && credentials && !Object.hasOwn(credentials, attempt.signed_by); // replaced by a fault
  const by = theirs || !attempt.signed_by ? hook?.signature?.secret : attempt.signed_by;
  if (!by || !(attempt.signed_by || attempt.fault)) return h("p", { class: "quiet", text: "Not signed." });
  const secret = credentials?.[by];
  const known = hook && secret !== undefined ? [hook.signature, ...Object.values(hook.signatures ?? {})] : [];
  const candidates = known.filter((candidate) => Object.hasOwn(SCHEMES, candidate.scheme) && candidate.secret === by);
  const verdict = h("p", { class: "verdict", text: "" });
  const rest = h("div", {});
  const section = h("div", { class: "signature" },
    h("p", {}, theirs ? `Signed with ${attempt.signed_by} instead of ` : attempt.signed_by ? "Signed with " : "Not signed, though the provider signs with ", h("code", { text: by }), secret !== undefined && [" ", h("code", { class: "secret", text: secret })]),
    verdict, rest);
  if (!candidates.length) {
    put(verdict, "Not verified: the provider's signature scheme is unknown.");
    return section;
  }
  const { headers = [], body: content } = attempt.request ?? {};
  const header = (pattern) => headers.find(([name]) => pattern.test(name))?.[1] ?? "";
  const t = headers.map(([, value]) => /^t=(\d+),/.exec(value)?.[1]).find(Boolean) ?? "";
  const inputs = (candidate) => ({ ...candidate, secret, content, t, id: header(/^webhook-id$/i), time: header(/^webhook-timestamp$/i) });
  const explain = (candidate) => rest.replaceChildren(
    h("p", {}, h("code", { text: candidate.scheme }), candidate.encoding && ` in ${candidate.encoding}`, " covers ", SCHEMES[candidate.scheme].covers, "."),
    command(SCHEMES[candidate.scheme].command(inputs(candidate)), copy));
  explain(candidates[0]);
  check(candidates, inputs, headers).then((found) => {
    if (!found) return put(verdict, "Not verified: browsers compute signatures only on localhost or over HTTPS. Use the command below.");
    if (found.candidate) explain(found.candidate);
    section.dataset.signature = found.candidate ? "valid" : "invalid";
    put(verdict, found.candidate ? `Valid: recomputed in this page, it equals ${found.header}.` : "Invalid: no header has the recomputed signature. It was forged, altered or omitted.");
  });
  return section;
}

// check computes each candidate and compares it with the headers.
async function check(candidates, inputs, headers) {
  if (!globalThis.crypto?.subtle) return null;
  for (const candidate of candidates) {
    const text = await SCHEMES[candidate.scheme].text(inputs(candidate)).catch(() => "");
    const found = text && headers.find(([, value]) => value === text || value.split(/[ ]/).includes(text));
    if (found) return { candidate, header: found[0] };
  }
  return {};
}

/** command shows a command with a button that copies it. */
export function command(text, copy) {
  return h("div", { class: "command" }, h("pre", { class: "bytes", tabindex: "0", "aria-label": "Command", text }),
    h("button", { type: "button", class: "small", name: "copy-command", text: "Copy", on: { click: (event) => copy(text, event.currentTarget) } }));
}
