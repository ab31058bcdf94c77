// Copying text. The clipboard's own interface needs localhost or https; elsewhere a selected
// text field does it.
import { h } from "./dom.js";

/** copy puts text on the clipboard, or throws. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = h("textarea", { class: "hidden", "aria-hidden": "true", tabindex: "-1" });
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field); // what is behind a window cannot be selected
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("The browser does not let this page copy. Select the text and copy it yourself.");
}
