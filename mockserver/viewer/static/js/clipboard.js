// Copies text. The clipboard API requires localhost or https; otherwise a selected text field is used.
import { h } from "./dom.js";

/** copy copies text to the clipboard, or throws. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = h("textarea", { class: "hidden", "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field); // content behind a modal dialog cannot be selected
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("Clipboard access denied: select the text and copy it.");
}
