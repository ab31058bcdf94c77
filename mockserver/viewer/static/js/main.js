// Entry point: socket → journal → at most one render per frame.
import { base } from "./root.js";
import { Acts } from "./acts.js";
import { again } from "./again.js";
import { Api } from "./api.js";
import { Bound } from "./bound.js";
import { ClockPanel } from "./clock.js";
import { Clocks } from "./clocks.js";
import { commands } from "./commands.js";
import { Connection } from "./connection.js";
import { Directory } from "./directory.js";
import { fill, put } from "./dom.js";
import { Filter } from "./filter.js";
import { duration } from "./format.js";
import { Holds } from "./holds.js";
import { Journal } from "./journal.js";
import { Keys } from "./keys.js";
import { List } from "./list.js";
import { menus } from "./menu.js";
import { Play } from "./play.js";
import { Press } from "./press.js";
import { offerDownloads } from "./save.js";
import { Status } from "./status.js";
import { FirstMinute } from "./tour.js";

const $ = (selector) => document.querySelector(selector);
const LONGEST_REST = 120; // ms between renders
const ACCOUNTS = 200; // offered in the selector, the newest of them

const api = new Api();
const journal = new Journal();
const clocks = new Clocks();
const accounts = new Set();
let instance = ""; // server process of the entries: a new one restarts the sequence at 1
let scheduled = false;
let rendered = 0, took = 0; // end and duration of the last render, in ms
let wanted = linked(); // row in the URL, until its entry arrives

const { say, busy } = new Status($("#status"));
const directory = new Directory({ api, changed() {
  detail.refresh();
  list.rebuild();
} });
const clock = new ClockPanel({ root: $("#clock"), button: $("button[name=clock]"), api, clocks, journal, say, busy });
const play = new Play({ api, directory, say, busy });
const first = new FirstMinute({ root: $("#first"), play, api, journal, clock, say, busy });
const filter = new Filter({ form: $("#filter"), reset: $("#filter-reset"), chips: $("#chips"), changed: () => list.refilter() });
const holds = new Holds({ root: $("#holding"), api, directory, journal, say, busy });
const press = new Press($("main"), schedule);
const advance = (row, button) => clock.advanceTo(row, button);
const acts = new Acts({ api, journal, directory, filter, advance, register: (row) => settings(row.provider), say, busy });
let detail = { row: null, close() {}, update() {}, refresh() {} }; // until a row is opened: see openFirst
const list = new List({
  root: $("#rows"), older: $("#older"), count: $("#count"), pause: $("button[name=pause]"), journal, directory, clocks, filter, account: () => api.account, advance, open: (row) => open(row),
  release: (row, button) => acts.release(row, button),
});
const bound = new Bound({ root: $("#bound"), journal });

function open(row) {
  if (row.type === "check") return openChecks(row.id);
  wanted = null;
  if (!detail.open) return openFirst(row);
  document.body.setAttribute("data-detail", "");
  detail.open(row);
  list.select(row);
  remember(row);
}

// openFirst loads the module of the details and opens the row that was chosen last in the meantime.
let opening = null, requested = false;
async function openFirst(row) {
  opening = row;
  if (requested) return;
  requested = true;
  try {
    const { Detail } = await again(() => import("./detail.js"));
    detail = new Detail({
      root: $("#detail"), journal, directory, clocks, acts, press, show: (other) => open(other),
      closed(closed) {
        document.body.removeAttribute("data-detail");
        list.select(null);
        list.focus(closed);
        remember(null);
      },
    });
    if (opening && journal.row(opening.type, opening.account, opening.id) === opening) open(opening); // not if it was reset in the meantime
  } catch (error) {
    say(error.message);
  } finally {
    requested = false;
  }
}

const connection = new Connection({
  address: () => ({ after: journal.last, account: api.account }),
  hello(frame) {
    clocks.sync(frame.wall);
    put($("#version"), frame.server);
    first.self = frame.self || base;
    const other = instance && instance !== frame.instance;
    instance = frame.instance;
    if (other) {
      clear();
      connection.open();
      return;
    }
    bound.hello(frame);
    play.load().then(ready, (error) => say(error.message));
    holds.changed();
    learnAccounts();
  },
  entries(entries) {
    for (const entry of entries) {
      if (entry.seq <= journal.last) continue;
      clocks.observe(entry);
      if (entry.account) accounts.add(entry.account);
    }
    const tells = (...kinds) => entries.some(({ kind, seq }) => kinds.includes(kind) && seq > journal.last);
    if (tells("scenarios")) play.load().then(ready).catch((error) => say(error.message));
    if (tells("hold", "reset")) holds.changed();
    journal.apply(entries);
    schedule();
  },
  state(state, wait) {
    const text = { connecting: "Connecting…", live: "Live", lost: `Connection lost, again in ${duration(Math.ceil(wait / 1000) * 1000)}` };
    if (state === "lost") api.clock("").catch(() => {}); // redirects to the login if the server now requires a token
    $("#connection").dataset.state = state;
    put($("#connection"), text[state]);
  },
});

function ready() {
  document.body.dataset.ready = "";
  schedule();
}

// At most one render per frame, fewer if renders are slow: entries that arrive meanwhile share the next one.
function schedule() {
  if (press.down) document.body.dataset.late = journal.last;
  if (scheduled || press.down) return;
  scheduled = true;
  const rest = Math.min(LONGEST_REST, 4 * took) - (performance.now() - rendered);
  if (rest > 0) setTimeout(() => requestAnimationFrame(render), rest);
  else requestAnimationFrame(render);
}

function render() {
  const begin = performance.now();
  scheduled = false;
  if (press.down) return; // render after the click
  const changes = journal.drain();
  list.update(changes);
  detail.update(changes);
  checks?.update(changes);
  first.render();
  clock.render();
  bound.render();
  filter.offer(journal.seen);
  offerAccounts();
  const row = wanted && journal.row(wanted.type, wanted.account, wanted.id);
  if (row) open(row);
  document.body.dataset.last = journal.last;
  document.body.removeAttribute("data-late");
  rendered = performance.now();
  took = rendered - begin;
}

function clear() {
  opening = null;
  detail.close();
  journal.clear();
  clocks.clear();
  list.rebuild();
  schedule();
}

async function learnAccounts() {
  try {
    clocks.set("", await api.clock("")); // initial clock of new accounts
    for (const account of await api.accounts()) {
      accounts.add(account.name);
      clocks.set(account.name, account.clock);
    }
    schedule();
  } catch (error) {
    say(error.message);
  }
}

let offered = -1;
function offerAccounts() {
  if (offered === accounts.size) return;
  offered = accounts.size;
  const names = [...accounts].slice(-ACCOUNTS).sort();
  if (api.account && !names.includes(api.account)) names.unshift(api.account);
  fill($("#account"), [["", "All accounts"], ...names.map((name) => [name, name])]);
  $("#account").value = api.account;
}

// The URL holds the open row: #delivery/ACCOUNT/ID or #call/ACCOUNT/ID.
function linked() {
  const [type, account, id] = location.hash.slice(1).split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return id === undefined && type !== "check" ? null : { type, account, id };
}

function remember(row) {
  const url = new URL(location.href);
  url.hash = row ? [row.type, row.account, row.id].map(encodeURIComponent).join("/") : "";
  history.replaceState(null, "", row ? url : url.pathname + url.search);
}

// The checks dialog is loaded on demand. The URL holds its run and filter: #check/ID/FILTER.
let checks = null, asked = 0;
async function openChecks(id, filter) {
  const turn = ++asked;
  try {
    const { checksWindow } = await again(() => import("./checks.js"));
    if (turn !== asked) return; // pressed again in the meantime
    checks?.close();
    checks = await checksWindow({
      ...chosen(), journal, id, filter, receiver: (provider) => `${first.self}/_idmock/v1/receiver/${provider}`,
      shown: (run, filter) => history.replaceState(null, "", run ? "#" + ["check", run, filter].filter(Boolean).map(encodeURIComponent).join("/") : location.pathname + location.search),
      closed(opened) {
        if (checks !== opened) return; // replaced by another run
        checks = null;
        remember(detail.row);
      },
    });
  } catch (error) {
    say(error.message);
  }
}

function openLinkedChecks() {
  const { type, account, id } = linked() ?? {};
  if (type === "check") openChecks(account, id);
}

addEventListener("hashchange", () => {
  wanted = linked();
  openLinkedChecks();
  schedule();
});

$("#account").addEventListener("change", ({ target }) => {
  api.account = target.value;
  const url = new URL(location.href);
  if (api.account) url.searchParams.set("account", api.account);
  else url.searchParams.delete("account");
  history.replaceState(null, "", url);
  offerDownloads($("#take"), api);
  clear();
  connection.open();
});

// Dialogs of the toolbar. Each gets the selection of the play form.
const chosen = () => ({ api, directory, provider: play.provider, scenario: play.scenario, done: (text, mustRead) => text && say(text, mustRead) });
const endpointsOf = (provider) => ({ ...chosen(), provider, receiver: (name) => `${first.self}/_idmock/v1/receiver/${name}` });
// on loads a dialog's module on demand. A second press while it loads has no effect.
let loading = false;
const on = (load, show) => async (...args) => {
  if (loading) return;
  loading = true;
  try {
    show(await again(load), ...args);
  } catch (error) {
    say(error.message);
  } finally {
    loading = false;
  }
};
const settings = on(() => import("./settings.js"), (module, provider) => module.settings(endpointsOf(provider)));
const windows = {
  connect: on(() => import("./connect.js"), ({ connectWindow }) => connectWindow({ ...chosen(), copy: acts.copy })),
  settings: () => settings(play.provider),
  call: on(() => import("./call.js"), ({ callWindow }) => callWindow(chosen())),
  send: on(() => import("./send.js"), ({ sendWindow }) => {
    const run = detail.row && journal.run(detail.row.account, detail.row.run);
    sendWindow({ ...chosen(), journal, run: run?.changes.length ? run : undefined }); // runs generated for a single event are not retained
  }),
  faults: on(() => import("./faults.js"), ({ faultsWindow }) => faultsWindow(chosen())),
  holds: () => holds.window(),
  check: () => openChecks(),
  palette: () => openPalette(),
  tour: () => first.open(),
  help: () => keys.sheet(),
};
for (const [name, show] of Object.entries(windows)) {
  $(`#tools button[name=${name}]`).addEventListener("click", () => {
    $("#tools").hidePopover();
    show();
  });
}
$("#tools button[name=reset]").addEventListener("click", ({ currentTarget }) => confirmReset(currentTarget));
$("button[name=first-connect]").addEventListener("click", windows.connect);
$("button[name=play]").addEventListener("click", () => play.ask());

const openPalette = on(() => import("./palette.js"), ({ palette }) => palette({
  commands: known, directory, journal, open,
  play: (provider, scenario) => play.run($("button[name=play]"), { provider, scenario }),
  provider: (name) => filter.set({ provider: name }), filter: (run) => filter.set({ run }),
}));

// Requires a second click, as a reset cannot be undone.
function confirmReset(button) {
  const target = api.account || "all accounts";
  if (!button.dataset.sure) {
    button.dataset.sure = "yes";
    put(button, `Reset ${target}?`);
    const calm = () => {
      delete button.dataset.sure;
      put(button, "Reset");
    };
    button.addEventListener("blur", calm, { once: true });
    return;
  }
  button.blur();
  busy(button, async () => {
    await api.reset();
    $("#tools").hidePopover();
    say(`Reset ${target}`);
  });
}

const known = commands({ list, tour: first, play, windows: { ...windows, reset() {
  $("#tools").showPopover();
  $("#tools button[name=reset]").focus();
} } });
const keys = new Keys(known, windows.palette);
menus();

api.account = new URL(location.href).searchParams.get("account") ?? "";
if (api.account) accounts.add(api.account);
offerDownloads($("#take"), api);
schedule();
connection.open();
openLinkedChecks();
