// POSIX shell commands that repeat a request. Content is single-quoted, or base64 if a shell cannot represent it.

const OWN = /^(host|content-length|accept-encoding|connection|transfer-encoding)$/i; // set by curl

/** quote quotes text as one shell word. */
export const quote = (text) => `'${String(text).replaceAll("'", `'\\''`)}'`;

/** speakable reports whether a body can be quoted in a command. */
export const speakable = (body) => typeof body?.text === "string" && !/[\0\r]/.test(body.text);

/** printed returns a command that prints a body's bytes. */
export function printed(body) {
  if (speakable(body)) return `printf %s ${quote(body.text)}`;
  return `printf %s ${quote(base64(body))} | base64 -d`;
}

/** curl returns a curl command for a request {method, url, headers, body}. */
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

/** bytes returns a body's bytes. */
export function bytes(body) {
  if (typeof body?.base64 === "string") return Uint8Array.from(atob(body.base64), (c) => c.charCodeAt(0));
  return new TextEncoder().encode(body?.text ?? "");
}

function base64(body) {
  return body.base64 ?? btoa(String.fromCharCode(...bytes(body)));
}
