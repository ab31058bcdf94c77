// Creates all elements. Content becomes text and attributes, never markup: third-party content is displayed, not interpreted.

/** h creates an element. `data` sets data-* attributes, `on` event listeners, `text` its text; null, undefined and false omit an
 *  attribute. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "data") set(element, "data-", value);
    else if (name === "on") {
      for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    } else if (name === "text") element.textContent = value ?? "";
    else attribute(element, name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** set sets attributes with a common prefix. */
export function set(element, prefix, values) {
  for (const [name, value] of Object.entries(values)) attribute(element, prefix + name, value);
}

function attribute(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name);
  else if (value === true) element.setAttribute(name, "");
  else element.setAttribute(name, String(value));
}

/** put sets an element's text if it differs, so that live regions and selections are not disturbed. */
export function put(element, text) {
  const next = String(text ?? "");
  if (element.textContent !== next) element.textContent = next;
}

const WHOLE = new Set(["BUTTON", "DETAILS"]); // their listeners depend on the data they were created from

/** patch sets an element's children and reuses equal ones, which preserves focus, selection and scroll position. Elements that
 *  look the same must act the same. */
export function patch(parent, children) {
  let at = parent.firstChild;
  for (const child of children) {
    let same = at;
    while (same && !same.isEqualNode(child)) same = same.nextSibling;
    if (same) {
      while (at !== same) at = drop(at);
      at = same.nextSibling;
    } else if (at instanceof Element && !WHOLE.has(at.nodeName) && at.cloneNode().isEqualNode(child.cloneNode())) {
      patch(at, [...child.childNodes]);
      at = at.nextSibling;
    } else parent.insertBefore(child, at);
  }
  while (at) at = drop(at);
}

function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

/** fill replaces a select's options and keeps the selection if it still exists. */
export function fill(select, options) {
  const before = select.value;
  select.replaceChildren(...options.map(([value, label]) => h("option", { value, text: label })));
  if (options.some(([value]) => value === before)) select.value = before;
}
