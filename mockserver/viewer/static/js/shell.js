// Commands that repeat what was sent, for a POSIX shell. Everything foreign goes between single
// quotes, or as base64 where a shell cannot hold it.

const OWN = /^(host|content-length|accept-encoding|connection|transfer-encoding)$/i; // curl writes these itself

/** quote makes one word of any text. */
export const quote = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;

/** speakable tells whether a body can stand in a command as it is. */
export const speakable = (body) => typeof body?.text === "string" && !/[\0\r]/.test(body.text);

/** printed is a command that writes a body's bytes: {text} or {base64}. */
export function printed(body) {
  if (speakable(body)) return `printf %s ${quote(body.text)}`;
  return `printf %s ${quote(base64(body))} | base64 -d`;
}

/** curl repeats a request: {method, url, headers, body}. */
export function curl({ method, url, headers, body }) {
  const has = body?.text || body?.base64;
  const lines = [`curl -i -X ${quote(method)} ${quote(url)}`];
  for (const [name, value] of headers ?? []) {
    if (!OWN.test(name)) lines.push(`-H ${quote(value === "" ? `${name};` : `${name}: ${value}`)}`);
  }
  if (!has) return lines.join(" \\\n  ");
  if (speakable(body)) return [...lines, `--data-raw ${quote(body.text)}`].join(" \\\n  ");
  return `${printed(body)} |\n` + [...lines, "--data-binary @-"].join(" \\\n  ");
}

/** bytes are a body's bytes. */
export function bytes(body) {
  if (typeof body?.base64 === "string") return Uint8Array.from(atob(body.base64), (c) => c.charCodeAt(0));
  return new TextEncoder().encode(body?.text ?? "");
}

function base64(body) {
  return body.base64 ?? btoa(String.fromCharCode(...bytes(body)));
}
