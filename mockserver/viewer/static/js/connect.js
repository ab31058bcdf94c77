// Connect your app: base URL, credentials and signing secret of a provider, as variables, export lines and Compose. Loaded on demand.
import { dialog } from "./dialog.js";
import { fill, h } from "./dom.js";
import { field } from "./fields.js";
import { quote } from "./shell.js";

const IN_COMPOSE = "http://idmock:8080"; // a service named idmock, with the image's port

/** connectWindow opens the dialog. copy(text, button) copies a text. */
export function connectWindow({ api, directory, provider, copy }) {
  dialog("connect", "Connect your app", (body, _close, say) => {
    const view = h("div", { class: "connect" });
    const form = h("form", {}, field({ name: "provider", label: "Provider", type: "choice" }));
    const select = form.elements.namedItem("provider");
    fill(select, directory.providers.map(({ name, title }) => [name, title ?? name]));
    select.value = provider;
    const show = async () => {
      const wanted = select.value;
      try {
        const { account, variables } = await api.environment(wanted);
        if (wanted !== select.value) return;
        view.replaceChildren(...content({ account, variables, secret: directory.hook(wanted)?.signature?.secret, copy }));
        const { skipped } = await api.fidelity(wanted);
        if (wanted === select.value && skipped.length) view.append(notServed(skipped));
      } catch (error) {
        say(error.message, true);
      }
    };
    select.addEventListener("change", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    body.append(h("p", { text: "Set these values in your app. Each API key is a separate account: any other key works, too." }), form, view);
    show();
  });
}

function content({ account, variables, secret, copy }) {
  const signs = (name) => secret && name.endsWith(secret.toUpperCase());
  const origin = new URL(variables[0]?.value ?? location.href).origin;
  return [
    h("dl", { class: "facts" }, variables.map(({ name, value }) => h("div", { data: { variable: name } },
      h("dt", {}, name, signs(name) && " (signs the webhooks)"), h("dd", { class: "mono" }, value, copier(`Copy ${name}`, value, copy))))),
    h("p", { class: "quiet", text: `Credentials of account ${account}.` }),
    block("Shell", "connect-export", variables.map(({ name, value }) => `export ${name}=${quote(value)}`).join("\n"), copy),
    block("Compose, with a service named idmock", "connect-compose",
      ["environment:", ...variables.map(({ name, value }) => `  ${name}: ${JSON.stringify(value.replace(origin, IN_COMPOSE))}`)].join("\n"), copy),
  ];
}

const LISTED = 50; // operations that are not served

// notServed lists operations that the provider's document has and idmock leaves out.
function notServed(skipped) {
  const more = skipped.length - LISTED;
  return h("section", {}, h("h3", { text: `Not served (${skipped.length})` }),
    h("ul", { class: "plain" }, skipped.slice(0, LISTED).map(({ method, path, reason }) => h("li", { data: { skipped: path } },
      h("code", { text: `${method ?? ""} ${path}`.trim() }), `: ${reason}`))),
    more > 0 && h("p", { class: "quiet", text: `${more} more: idmock lint lists them all.` }));
}

function copier(label, text, copy) {
  return h("button", { type: "button", class: "copy", name: "copy-variable", title: label, "aria-label": label, on: { click: (event) => copy(text, event.currentTarget) } });
}

function block(title, name, text, copy) {
  return h("section", {}, h("h3", { text: title }), h("div", { class: "command" },
    h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": title, text }),
    h("button", { type: "button", class: "small", name, text: "Copy", "aria-label": `Copy: ${title}`, on: { click: (event) => copy(text, event.currentTarget) } })));
}
