// The one line that says what the last action came to. Screen readers hear it.
import { put } from "./dom.js";

export class Status {
  constructor(root) {
    /** say shows a sentence. */
    this.say = (text) => put(root, text);

    /** busy runs an action, lets its button rest meanwhile (it keeps the focus), and says what went wrong. */
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
