// A conformance run in progress: progress and results, failures first. New results come from the journal; requests load earlier
// results and wait for the end.
import { sums, VERDICTS } from "./checkcount.js";
import { conclusion, fieldNames, target } from "./checkform.js";
import { resultItem } from "./checkresult.js";
import { h, patch, put } from "./dom.js";
import { duration, plural } from "./format.js";

const RANK = ["fail", "error", "warn", "inconclusive", "waived", "info", "pass", "not-applicable", "skip"];
const ALL = ["all", "All", RANK];
const FILTERS = [ALL, ...VERDICTS.toSorted(([, , [a]], [, , [b]]) => RANK.indexOf(a) - RANK.indexOf(b)), ["none", "Not applicable", ["not-applicable"]], ["skipped", "Not run", ["skip"]]];
const ALWAYS = ["all", "problems", "inconclusive", "passed"]; // also shown if empty
const PATIENCE = "20s"; // timeout of one request for the end

export class CheckRun {
  #results = new Map(); // check → result, from the journal or the server
  #items = new Map(); // check → its element
  #titles = new Map(); // check → requirement
  #filter = "all";
  #run = null; // last state from the server
  #quarter = 0; // last announced quarter of the checks
  #open = true;
  #scheduled = false;

  constructor({ root, api, journal, id, filter, say, copy, again, filtered }) {
    Object.assign(this, { api, journal, id, say, copy, filtered });
    if (FILTERS.some(([name]) => name === filter)) this.#filter = filter;
    const button = (name, text, act) => h("button", { type: "button", name, text, on: { click: (event) => act(event.currentTarget) } });
    this.parts = {
      title: h("h3", { tabindex: "-1", text: "Conformance checks" }), facts: h("dl", { class: "facts" }),
      bar: h("progress", { max: 1, value: 0, "aria-label": "Completed checks" }), count: h("p", { class: "count" }), sum: h("ul", { class: "sum plain quiet", role: "list", "aria-label": "Numbers" }), headline: h("div", { class: "hint", hidden: true }),
      stop: button("check-stop", "Stop", (control) => this.#stop(control)),
      filters: h("div", { class: "segmented wrap", role: "group", "aria-label": "Show" }, FILTERS.map(([name, text]) => button("check-filter", text, () => this.#show(name)))),
      missing: h("div", { class: "missing" }), groups: h("div", { class: "groups" }),
    };
    const { title, facts, bar, count, sum: numbers, headline, stop, filters, missing, groups } = this.parts;
    [...filters.children].forEach((item, i) => (item.value = FILTERS[i][0]));
    const downloads = [["json", "JSON"], ["junit", "JUnit"], ["html", "HTML"]].map(([format, text]) =>
      h("a", { download: `idmock-check.${format === "junit" ? "xml" : format}`, href: api.checkReport(id, format), data: { format }, text }));
    this.root = h("section", { class: "checkrun", data: { run: id, state: "running" } }, title, facts,
      h("div", { class: "progress" }, bar, count, stop), numbers, headline,
      h("div", { class: "formbar" },
        button("check-again", "Check again", () => again(this.#run)), button("check-link", "Copy link", () => this.copy(location.href)),
        h("span", { class: "downloads" }, "Report: ", downloads.flatMap((link) => [link, " "]))),
      filters, missing, groups);
    root.replaceChildren(this.root);
    title.focus();
    this.#follow();
  }

  close() { this.#open = false; }

  /** update applies changes of the journal. */
  update({ changed }) {
    for (const row of changed) if (row.type === "check" && row.id === this.id) this.#merge(row);
  }

  #merge(row) {
    for (const [check, result] of row.results) if (!this.#results.get(check)?.title) this.#results.set(check, result);
    this.#schedule();
  }

  // follow polls the run until it has ended.
  async #follow() {
    let wait;
    while (this.#open) {
      try {
        const run = await this.api.checkRun(this.id, wait);
        if (!this.#open) return;
        if (!this.#run) await this.#learn(run);
        this.#run = run;
        for (const result of run.results) this.#results.set(result.id, result);
        for (const row of this.journal.rows.values()) if (row.type === "check" && row.id === this.id) this.#merge(row);
        this.#render();
        if (run.state !== "running") return this.#ended(run);
        wait = PATIENCE;
      } catch (error) {
        if (!this.#open) return;
        this.say(error.message, true);
        if (error.message.startsWith("conformance run")) return this.#gone();
        await new Promise((done) => setTimeout(done, 2000)); // the server may restart
      }
    }
  }

  async #learn(run) {
    for (const { id, title } of await this.api.checks(run.kind, "")) this.#titles.set(id, title);
  }

  #gone() {
    put(this.parts.title, "Run not found");
    this.parts.stop.hidden = true;
    this.root.dataset.state = "gone";
  }

  #ended(run) {
    this.say(run.conclusion ? conclusion(run) : run.state, run.code !== 0);
  }

  async #stop(control) {
    control.ariaBusy = "true";
    try {
      await this.api.stopChecks(this.id);
    } catch (error) {
      this.say(error.message, true);
    } finally {
      control.ariaBusy = null;
    }
  }

  #show(name) {
    this.#filter = name;
    this.filtered(name === "all" ? "" : name);
    this.#render();
  }

  // At most one render per frame.
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      if (this.#open && this.#run) this.#render();
    });
  }

  #render() {
    const run = this.#run, { title, facts, bar, count, headline, stop } = this.parts;
    const over = run.state !== "running", results = [...this.#results.values()];
    this.root.dataset.state = run.state;
    put(title, `${target(run)}: ${run.url}`);
    const known = [["Account", run.account], ...Object.entries(run.secret ?? {}).map(([name, value]) => [`Signed with ${name}`, value]), ["API during the run", run.api],
      ["Seed", Number.isSafeInteger(run.seed) && run.seed], ["Duration", over && run.ended && duration(Date.parse(run.ended) - Date.parse(run.started))]].filter(([, value]) => value);
    if (facts.childElementCount !== known.length) facts.replaceChildren(...known.map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value }))));
    bar.max = Math.max(1, run.total);
    bar.value = results.length;
    const lines = sums(results, run.total, over);
    put(count, over && run.conclusion ? conclusion(run) : `${results.length} of ${plural(run.total, "check")} done`);
    stop.hidden = over;
    headline.hidden = !run.headline;
    if (headline.dataset.text !== run.headline) {
      headline.dataset.text = run.headline ?? "";
      headline.replaceChildren(run.code === 0 ? "" : h("h4", { text: "Fix this first" }), h("strong", { text: fieldNames(run.headline ?? "") }), " ", fieldNames(run.advice ?? ""));
    }
    this.#announce(results.length, run, lines.at(-1));
    patch(this.parts.sum, lines.map((text) => h("li", { text })));
    for (const control of this.parts.filters.children) {
      const [name, text, verdicts] = FILTERS.find(([item]) => item === control.value), n = results.filter(({ verdict }) => verdicts.includes(verdict)).length;
      put(control, `${text} ${n}`);
      control.hidden = !n && name !== this.#filter && !ALWAYS.includes(name);
      control.setAttribute("aria-pressed", String(name === this.#filter));
    }
    this.#list(results);
  }

  // announce reports progress once per quarter, as screen readers read it aloud.
  #announce(done, run, sum) {
    const quarter = Math.floor((4 * done) / Math.max(1, run.total));
    if (run.state !== "running" || quarter <= this.#quarter) return;
    this.#quarter = quarter;
    this.say(`${done} of ${run.total} checks done: ${sum}`);
  }

  #list(results) {
    const [, , verdicts] = FILTERS.find(([name]) => name === this.#filter);
    const wanted = results.filter(({ verdict }) => verdicts.includes(verdict));
    const often = missing(results);
    const passed = new Map(); // by group: passed and total
    for (const { id, verdict } of results) {
      if (verdict === "not-applicable" || verdict === "skip") continue;
      const name = id.split("/")[0], [n, of] = passed.get(name) ?? [0, 0];
      passed.set(name, [n + (verdict === "pass"), of + 1]);
    }
    this.parts.missing.hidden = !["all", "inconclusive"].includes(this.#filter);
    const text = JSON.stringify([...often]);
    if (this.parts.missing.dataset.text !== text) {
      this.parts.missing.dataset.text = text;
      this.parts.missing.replaceChildren(...[...often].map(([reason, n]) => h("p", { class: "hint" }, h("strong", { text: `${plural(n, "check")} not judged: ` }), fieldNames(reason))));
    }
    const groups = new Map();
    for (const item of wanted) {
      const name = item.id.split("/")[0];
      groups.set(name, [...(groups.get(name) ?? []), item]);
    }
    const order = [...this.#titles.keys()].map((id) => id.split("/")[0]);
    const worst = (results) => Math.min(2, ...results.map(({ verdict }) => RANK.indexOf(verdict))); // 2: no failure
    const sorted = [...groups].sort(([a, of], [b, others]) => Math.floor(worst(of) / 2) - Math.floor(worst(others) / 2) || order.indexOf(a) - order.indexOf(b));
    const focus = document.activeElement;
    place(this.parts.groups, sorted.map(([name, results]) => this.#group(name, results, often, passed.get(name))));
    if (focus !== document.activeElement && focus?.isConnected) focus.focus(); // moved in the document
    if (!wanted.length) put(this.parts.groups, results.length ? "None." : this.#run.state === "running" ? "No results yet." : "No checks were run.");
  }

  #group(name, results, often, passed) {
    const key = `group ${name}`;
    let section = this.#items.get(key);
    if (!section) {
      section = h("section", { data: { group: name } }, h("h4", {}), h("ul", { class: "results" }));
      this.#items.set(key, section);
    }
    put(section.firstChild, passed ? `${name} · ${passed[0]} of ${passed[1]} passed` : name);
    results.sort((a, b) => RANK.indexOf(a.verdict) - RANK.indexOf(b.verdict) || (a.id < b.id ? -1 : 1));
    place(section.lastChild, results.map((result) => this.#item(result, often)));
    return section;
  }

  #item(result, often) {
    const text = JSON.stringify([result.verdict, result.reason]);
    let item = this.#items.get(result.id);
    if (item?.dataset.text !== text) {
      item = resultItem({ ...result, title: result.title ?? this.#titles.get(result.id) ?? result.id, brief: often.has(result.reason) },
        { learn: () => this.api.checkResult(this.id, result.id), copy: this.copy });
      item.dataset.text = text;
      this.#items.set(result.id, item);
    }
    return item;
  }
}

// missing counts the reasons of inconclusive checks, to show each once.
function missing(results) {
  const reasons = new Map();
  for (const { verdict, reason } of results) if (verdict === "inconclusive") reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  return new Map([...reasons].filter(([, n]) => n > 1));
}

// place sets the children and moves only those that changed position.
function place(parent, children) {
  for (const child of [...parent.childNodes]) if (!children.includes(child)) child.remove();
  children.forEach((child, i) => parent.childNodes[i] !== child && parent.insertBefore(child, parent.childNodes[i] ?? null));
}
