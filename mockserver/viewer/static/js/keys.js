// Keyboard shortcuts and their help. Single-key shortcuts can be turned off (WCAG 2.1.4).
import { dialog } from "./dialog.js";
import { h } from "./dom.js";

const OFF = "idmock-no-keys";

export class Keys {
  #keys = []; // [key, description, act()]

  /** keys are [key, description, act()]; palette() opens the palette, on Ctrl-K or Cmd-K. */
  constructor(keys, palette) {
    this.#keys = keys.filter(([key]) => key);
    this.palette = palette;
    addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k" && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      this.palette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.("input:not([type=radio], [type=checkbox]), select, textarea")) return;
    if (event.key !== "?" && localStorage.getItem(OFF)) return;
    const found = this.#keys.find(([key]) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found[2]();
  }

  /** sheet opens the list of shortcuts. */
  sheet() {
    dialog("keys", "Keyboard shortcuts", (body) => {
      const box = h("input", { type: "checkbox", name: "keys-on", checked: !localStorage.getItem(OFF) });
      box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
      body.append(
        h("table", { class: "keys" }, h("caption", { class: "hidden", text: "Keys" }), h("tbody", {},
          [["Ctrl K", "Find an action, scenario, provider, run or delivery"], ...this.#keys, ["↑ ↓", "Row above, row below"], ["Enter", "Open the row"], ["Esc", "Close the details"]].map(([key, does]) =>
            h("tr", {}, h("th", { scope: "row" }, key.split(" ").flatMap((part) => [h("kbd", { text: part }), " "])), h("td", { text: does }))))),
        h("label", { class: "keys-on" }, box, " Enable single-key shortcuts (Esc, Enter and arrow keys always work)"));
    });
  }
}
