// The status line: result of the last action, read by screen readers.
import { put } from "./dom.js";

export class Status {
  constructor(root) {
    /** say shows a message. */
    this.say = (text) => put(root, text);

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
