// Menus: native popovers, which close on a click outside and on Escape, below the button that opens them.
import { h } from "./dom.js";

const GAP = 6; // px below the button
const EDGE = 8; // px to the window's edge

/** menus positions every menu of the page, and moves between its items with the arrow keys. */
export function menus() {
  for (const button of document.querySelectorAll("button[popovertarget]")) {
    const panel = document.getElementById(button.getAttribute("popovertarget"));
    button.setAttribute("aria-expanded", "false");
    panel.addEventListener("toggle", ({ newState }) => {
      button.setAttribute("aria-expanded", String(newState === "open"));
      if (newState !== "open") return;
      place(button, panel);
      items(panel)[0]?.focus();
    });
    panel.addEventListener("keydown", (event) => move(event, panel));
  }
}

/** popup creates a button with a menu of other buttons; none without any. */
export function popup(name, label, buttons) {
  if (!buttons.length) return [];
  const panel = h("div", { id: `menu-${name}`, popover: "", class: "popup" }, buttons);
  const opener = h("button", { type: "button", name, class: "menu", popovertarget: panel.id, data: { key: `menu-${name}` }, text: label });
  panel.addEventListener("toggle", ({ target, newState }) => newState === "open" && place(target.previousElementSibling, target));
  panel.addEventListener("click", ({ currentTarget }) => currentTarget.hidePopover());
  panel.addEventListener("keydown", (event) => move(event, event.currentTarget));
  return [opener, panel];
}

function place(button, panel) {
  const { left, bottom } = button.getBoundingClientRect();
  const most = document.documentElement.clientWidth - panel.offsetWidth - EDGE;
  panel.style.setProperty("--x", `${Math.max(EDGE, Math.min(left, most))}px`);
  panel.style.setProperty("--y", `${bottom + GAP}px`);
}

const items = (panel) => [...panel.querySelectorAll("button, a, select, input")].filter((item) => item.checkVisibility());

function move(event, panel) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.target.matches("input, select")) return;
  event.preventDefault();
  const all = items(panel), at = all.indexOf(document.activeElement);
  all[(at + by + all.length) % all.length]?.focus();
}
