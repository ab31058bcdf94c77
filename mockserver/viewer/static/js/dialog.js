// Modal dialogs: the native element traps focus, closes on Escape and restores focus.
import { h } from "./dom.js";

/** dialog opens a dialog, filled by build(body, close). It does not await build. */
export function dialog(name, title, build) {
  const heading = h("h2", { id: "dialog-title", text: title });
  const body = h("div", { class: "dialog-body" });
  const note = h("p", { class: "note", role: "status" });
  const box = h("dialog", { "aria-labelledby": "dialog-title", data: { dialog: name } },
    h("header", {}, heading, h("button", { type: "button", name: "dialog-close", "aria-label": "Close", text: "Close", on: { click: () => box.close() } })),
    body, note);
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (event) => event.target === box && box.close()); // click on the backdrop
  document.body.append(box);
  const close = () => box.close();
  build(body, close, (text, bad) => {
    note.textContent = text;
    note.toggleAttribute("data-error", Boolean(bad));
  });
  box.showModal();
  focusFirst(body);
  return box;
}

/** focusFirst focuses the first control of a dialog's form, rather than the button that closes the dialog. */
export const focusFirst = (body) => body.querySelector("form :is(input, select, textarea)")?.focus();

/** submit runs an action on submit, one at a time, and shows its error in the dialog. */
export function submit(form, say, action) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button:not([type=button])");
    if (button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      say("");
      await action(button);
    } catch (error) {
      say(error.message, true);
    } finally {
      button.ariaBusy = null;
    }
  });
}
