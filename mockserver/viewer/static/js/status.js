// The result of the last action, over the page and read by screen readers.
import { put } from "./dom.js";

const SHOWN = 6000; // ms until a message that reports no error disappears

export class Status {
  #timer = 0;

  constructor(root) {
    /** say shows a message, until the next one if it must be read. */
    this.say = (text, mustRead) => {
      clearTimeout(this.#timer);
      root.removeAttribute("data-old");
      put(root, text);
      if (!mustRead) this.#timer = setTimeout(() => root.toggleAttribute("data-old", root.dataset.error === undefined), SHOWN);
    };

    /** busy runs an action, disables its button without losing focus, and shows errors. */
    this.busy = async (control, action) => {
      if (control.ariaBusy === "true") return;
      control.ariaBusy = "true";
      try {
        root.removeAttribute("data-error");
        await action();
      } catch (error) {
        root.dataset.error = "";
        this.say(error.message);
      } finally {
        control.ariaBusy = null;
      }
    };
  }
}
