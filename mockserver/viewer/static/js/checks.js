// The checks dialog: a form that starts a conformance run, and the run in progress. Loaded on demand.
import { root } from "./root.js";
import { checkForm } from "./checkform.js";
import { CheckRun } from "./checkrun.js";
import { copy } from "./clipboard.js";
import { dialog } from "./dialog.js";
import { h } from "./dom.js";

let styled = null;

// style loads the style sheet once.
function style() {
  return (styled ??= new Promise((done, fail) => {
    const failed = () => {
      styled = null; // retry next time
      link.remove();
      fail(new Error("The server does not respond. Is idmock still running?"));
    };
    const link = h("link", { rel: "stylesheet", href: new URL("assets/css/checks.css", root).href, on: { load: done, error: failed } });
    document.head.append(link);
  }));
}

/** checksWindow opens the dialog at a run with a filter, or at the form if id is undefined. It calls shown(id, filter) for what is displayed, done(text)
 *  after an action and closed(opened) at the end. It returns {update(changes), close()}; update applies changes of the journal. */
export async function checksWindow({ api, journal, provider, receiver, id, filter, done, shown, closed }) {
  await style();
  let run = null, body, say;
  const take = async (text) => {
    try {
      await copy(text);
      say("Copied");
      done("Copied");
    } catch (error) {
      say(error.message, true);
    }
  };
  const showRun = (of, filter = "") => {
    run?.close();
    shown(of, filter);
    run = new CheckRun({ root: body, api, journal, id: of, filter, say, copy: take, again: showForm, filtered: (name) => shown(of, name) });
  };
  const showForm = (before) => {
    run?.close();
    run = null;
    shown(null);
    say("");
    checkForm({ root: body, api, provider, receiver, say, before, open: showRun });
  };
  const box = dialog("check", "Conformance checks", (content, _close, note) => {
    body = content;
    say = note;
  });
  const opened = { update: (changes) => run?.update(changes), close: () => box.close() };
  box.addEventListener("close", () => {
    run?.close();
    closed(opened);
  });
  if (id) showRun(id, filter);
  else showForm();
  return opened;
}
