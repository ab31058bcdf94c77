// --- The dialog that replaces the camera or form of the real script ---

const styles = `
  :host { all: initial; }
  dialog { box-sizing: border-box; width: min(34rem, calc(100vw - 2rem)); max-height: calc(100vh - 2rem); padding: 1.25rem; border: 1px solid #8888;
    border-radius: .75rem; font: 1rem/1.45 system-ui, sans-serif; color: CanvasText; background: Canvas; color-scheme: light dark; overflow: auto; }
  dialog::backdrop { background: #0008; }
  h2 { margin: 0; font-size: 1.2rem; }
  p { margin: .5rem 0; }
  [role=alert]:not(:empty) { padding: .5rem .75rem; border-left: .25rem solid #c33; background: #c332; }
  label { display: block; margin: .6rem 0 0; font-weight: 600; }
  input { box-sizing: border-box; width: 100%; font: inherit; padding: .4rem .5rem; margin-top: .2rem; }
  small { font-weight: 400; opacity: .8; }
  button { font: inherit; padding: .5rem .9rem; border: 1px solid #8888; border-radius: .5rem; cursor: pointer; background: ButtonFace; color: ButtonText; }
  button:focus-visible, input:focus-visible, summary:focus-visible { outline: .2rem solid #36c; outline-offset: .1rem; }
  .first { margin: .9rem 0 0; background: #1a56c4; color: #fff; border-color: #1a56c4; }
  details { margin-top: 1rem; }
  ul { list-style: none; margin: .5rem 0 0; padding: 0; display: grid; gap: .35rem; }
  li button { width: 100%; text-align: left; }
  code { display: block; font: .8rem/1.4 ui-monospace, monospace; opacity: .85; overflow-wrap: anywhere; }
`;

// element creates an element. Children are elements or strings.
function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) e.setAttribute(key, "");
    else if (value !== false && value !== undefined) e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}

// describe shows the response and the events of an outcome.
function describe(outcome) {
  return element("code", {}, `responds with ${JSON.stringify(outcome.response)}${outcome.sends?.length ? `, then sends ${outcome.sends.join(", ")}` : ""}`);
}

// Dialog is modal: it keeps the focus, screen readers read its title and text, and Escape closes it if the step is closable. A shadow
// root separates its styles from the page's.
class Dialog {
  constructor(host) {
    const root = host.shadowRoot ?? host.attachShadow({mode: "open"});
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
    this.element = element("dialog", {"aria-labelledby": "title", "aria-describedby": "text", "data-idmock": true});
    root.replaceChildren(this.element);
  }

  // ask shows a step and resolves with {choice, values}: choice is the selected outcome, true for the submit button, or null if the
  // dialog was closed. submits is the outcome of the submit button in the last step.
  ask({title, text, alert = "", fields = [], submitLabel, submits, outcomes = [], closable = false}) {
    return new Promise((resolve) => {
      const values = () => Object.fromEntries(new FormData(form));
      const done = (choice) => { this.element.onclose = this.element.oncancel = null; resolve({choice, values: values()}); };
      const form = element("form", {novalidate: false},
        element("h2", {id: "title"}, title),
        element("p", {id: "text"}, text),
        element("p", {role: "alert"}, alert),
        ...fields.map((f) => element("label", {}, f.label, " ", element("small", {}, f.hint ?? ""),
          element("input", {name: f.name, value: f.value ?? "", inputmode: f.inputmode, pattern: f.pattern, required: f.required, autocomplete: "off"}))),
        element("button", {type: "submit", class: "first", autofocus: true}, submitLabel));
      if (submits) form.append(describe(submits));
      form.addEventListener("submit", (event) => { event.preventDefault(); done(true); });
      if (outcomes.length > 0) {
        form.append(element("details", {open: true}, element("summary", {}, "Other outcomes"),
          element("ul", {}, ...outcomes.map((o) => {
            const button = element("button", {type: "button", "data-outcome": o.name}, o.label ?? o.name, " ", element("small", {}, o.summary ?? ""), describe(o));
            button.addEventListener("click", () => done(o));
            return element("li", {}, button);
          }))));
      }
      if (closable) {
        const close = element("button", {type: "button", "data-close": true}, "Close");
        close.addEventListener("click", () => done(null));
        form.append(element("p", {}, close));
      }
      this.element.replaceChildren(form);
      this.element.oncancel = (event) => { event.preventDefault(); if (closable) done(null); };
      this.element.onclose = () => { if (closable) done(null); else this.element.showModal(); }; // browsers close it on a second Escape
      this.element.setAttribute("closedby", closable ? "closerequest" : "none");
      if (!this.element.open) this.element.showModal();
      form.querySelector("button.first").focus();
    });
  }

  close() {
    this.element.onclose = this.element.oncancel = null;
    this.element.close();
    this.element.remove();
  }
}
