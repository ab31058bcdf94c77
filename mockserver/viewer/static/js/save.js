// Downloads: a run as a scenario file, the journal as NDJSON or HTTP archive.
import { dialog } from "./dialog.js";
import { h } from "./dom.js";

/** fileWindow shows a scenario file with copy and download buttons. */
export function fileWindow(text, copy) {
  const name = /^scenario: "?([\w-]+)/m.exec(text)?.[1] ?? "seen";
  const file = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const box = dialog("save", "Save as scenario", (body) => body.append(
      h("p", {}, "Reproduces this run. Serve it with ", h("code", { text: `idmock serve --scenarios ${name}.yaml` }), "."),
      h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": "Scenario file", text }),
      h("div", { class: "formbar" },
        h("button", { type: "button", name: "save-copy", text: "Copy", on: { click: (event) => copy(text, event.currentTarget) } }),
        h("a", { class: "button primary", href: file, download: `${name}.yaml`, text: `Download ${name}.yaml` }))));
  box.addEventListener("close", () => URL.revokeObjectURL(file));
}

/** offerDownloads updates the download links for the selected account. */
export function offerDownloads(root, api) {
  for (const link of root.querySelectorAll("a[download]")) {
    link.href = api.address("journal", { format: link.dataset.format, redact: link.dataset.redact });
  }
}
