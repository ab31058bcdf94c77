// Edit and resend: edits the last request of a delivery.
import { dialog, submit } from "./dialog.js";
import { h } from "./dom.js";
import { field } from "./fields.js";

const TRANSPORT = /^(host|user-agent|content-length|accept-encoding|connection)$/i; // generated for each request

/** editAndResend opens the dialog. It calls done(text) with the result. */
export function editAndResend(row, { api, hook, credentials, done }) {
  const request = row.attempts.at(-1)?.request;
  const before = request?.body?.text ?? "";
  const binary = request?.body?.base64 !== undefined;
  const lines = (request?.headers ?? []).filter(([name]) => !TRANSPORT.test(name));
  const listed = lines.map(([name, value]) => `${name}: ${value}`).join("\n");
  dialog("resend", `Edit and resend ${row.event ?? ""}`, (body, close, say) => {
    const form = h("form", {},
      h("p", { class: "quiet", text: `To ${row.url}. Only your changes differ from the rendered request.` }),
      binary ? h("p", { text: "The body is binary and is sent unchanged." }) : field({ name: "body", label: "Body", type: "long", value: before }),
      field({ name: "headers", label: "Headers", type: "long", value: listed, hint: "One per line. Delete a line to remove the header." }),
      field({ name: "sign", label: "Sign the changed body", type: "check", value: true, hint: "If unchecked, the signature of the original body is sent, which a correct receiver rejects." }),
      h("div", { class: "formbar" }, h("button", { name: "resend-send", class: "primary", text: "Send" })));
    form.querySelector("textarea[name=headers]").rows = Math.min(8, lines.length + 1);
    submit(form, say, async () => {
      const controls = form.elements;
      const change = { sign: controls.namedItem("sign").checked };
      const text = controls.namedItem("body")?.value ?? before;
      if (text !== before) change.body = text;
      const headers = changed(lines, controls.namedItem("headers").value);
      if (Object.keys(headers).length) change.headers = headers;
      const { delivery } = await api.resend(row.id, row.account, change);
      close();
      done(`${row.event} resent`, delivery);
    });
    body.append(form);
  });
}

/** changed returns the difference between header lines and text of the form "Name: value"; null marks removed headers. */
export function changed(lines, text) {
  const now = new Map();
  for (const line of text.split("\n").filter((line) => line.trim())) {
    const at = line.indexOf(":");
    if (at < 1) throw new Error(`"${line}" is not a header: use Name: value`);
    now.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const headers = {};
  for (const [name, value] of lines) {
    const current = [...now.keys()].find((key) => key.toLowerCase() === name.toLowerCase());
    if (current === undefined) headers[name] = null;
    else if (now.get(current) !== value) headers[name] = now.get(current);
    now.delete(current);
  }
  return { ...headers, ...Object.fromEntries(now) };
}
