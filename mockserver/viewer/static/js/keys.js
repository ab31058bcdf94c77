// Keys that act without a pointer, and the sheet that lists them. Single letters can be switched off,
// for those who speak to their machine or press keys by accident.
import { dialog } from "./dialog.js";
import { h } from "./dom.js";

const OFF = "idmock-no-keys";

export class Keys {
  #keys = []; // [key, what it does, act()]

  constructor(keys) {
    this.#keys = [...keys, ["?", "This sheet", () => this.sheet()]];
    addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("input:not([type=radio], [type=checkbox]), select, textarea")) return;
    if (event.key !== "?" && localStorage.getItem(OFF)) return;
    const found = this.#keys.find(([key]) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found[2]();
  }

  /** sheet shows what the keys do. */
  sheet() {
    dialog("keys", "Keyboard", (body) => {
      const box = h("input", { type: "checkbox", name: "keys-on", checked: !localStorage.getItem(OFF) });
      box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
      body.append(
        h("table", { class: "keys" }, h("caption", { class: "hidden", text: "Keys" }), h("tbody", {},
          [...this.#keys, ["↑ ↓", "Row above, row below"], ["Enter", "Open the row"], ["Esc", "Close what is open"]].map(([key, does]) =>
            h("tr", {}, h("th", { scope: "row" }, key.split(" ").flatMap((one) => [h("kbd", { text: one }), " "])), h("td", { text: does }))))),
        h("label", { class: "keys-on" }, box, " Single keys act (Esc, Enter and arrows always do)"));
    });
  }
}
