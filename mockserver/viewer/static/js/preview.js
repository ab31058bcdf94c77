// Live previews: the exact requests that a form would send, and what the provider's document does not allow in them.
import { h, patch, put } from "./dom.js";

const PAUSE = 200; // ms without input before the preview is requested

/** preview returns a section that follows a form. ask() returns {requests, warnings}: requests {method, url, headers, body, problem}
 *  and texts. It throws what is shown instead. none is the text without any request. */
export function preview(form, { ask, none = "" }) {
  const note = h("p", { class: "quiet", role: "status" });
  const warned = h("ul", { class: "warnings plain", role: "list", "aria-label": "Warnings" });
  const shown = h("div", { class: "previews" });
  const section = h("section", { class: "preview", "aria-label": "Preview" }, h("h3", { text: "Preview" }), note, warned, shown);
  let turn = 0, timer = 0;
  const mark = (problem) => {
    for (const row of form.querySelectorAll(".formrow[data-field]")) {
      const wrong = Boolean(problem?.field) && row.dataset.field === problem.field;
      row.querySelector("input, select, textarea")?.setAttribute("aria-invalid", String(wrong));
      row.querySelector(".problem")?.remove();
      if (wrong) row.append(h("small", { class: "problem", text: problem.message }));
    }
  };
  const refresh = async () => {
    const mine = ++turn;
    const { requests = [], warnings = [], error } = await ask().catch((reason) => ({ error: reason }));
    if (mine !== turn || !section.isConnected) return; // newer input, or closed
    const problem = error?.field ? error : requests.find((request) => request.problem)?.problem;
    mark(problem);
    section.dataset.state = error ? "error" : problem ? "problem" : "ready";
    put(note, error?.message ?? (problem ? `The provider refuses this request: ${problem.message}` : requests.length ? "" : none));
    warned.hidden = !warnings.length;
    patch(warned, warnings.map((text) => h("li", { class: "hint", text: `Warning: ${text}` })));
    patch(shown, requests.map(request));
  };
  const later = () => {
    clearTimeout(timer);
    turn++; // an earlier response is out of date
    section.dataset.state = "waiting";
    timer = setTimeout(refresh, PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  return { section, refresh: later };
}

const request = ({ method, url, headers, body }) => h("div", { class: "request" },
  h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": "Request line and headers", data: { preview: "head" }, text: [`${method} ${url}`, ...headers.map(([name, value]) => `${name}: ${value}`)].join("\n") }),
  body && h("pre", { class: "bytes", tabindex: "0", role: "region", "aria-label": "Body", data: { preview: "body" }, text: body }));
