// Ties the page together: socket → journal → one render a frame.
import { Api } from "./api.js";
import { ClockPanel } from "./clock.js";
import { Clocks } from "./clocks.js";
import { Connection } from "./connection.js";
import { Detail } from "./detail.js";
import { fill, put } from "./dom.js";
import { duration } from "./format.js";
import { Journal } from "./journal.js";
import { List } from "./list.js";
import { FirstMinute, Play } from "./play.js";

const $ = (selector) => document.querySelector(selector);
const ACCOUNTS = 200; // offered in the selector, the newest of them

const api = new Api();
const journal = new Journal();
const clocks = new Clocks();
const accounts = new Set();
let instance = ""; // which server process the entries came from: another one counts from 1 again
let scheduled = false;

const say = (text) => put($("#status"), text);

/** busy runs an action, lets its button rest meanwhile (it keeps the focus), and says what went wrong. */
async function busy(control, action) {
  if (control.ariaBusy === "true") return;
  control.ariaBusy = "true";
  try {
    $("#status").removeAttribute("data-error");
    await action();
  } catch (error) {
    $("#status").dataset.error = "";
    say(error.message);
  } finally {
    control.ariaBusy = null;
  }
}

const clock = new ClockPanel({ root: $("#clock"), api, clocks, say, busy });
const play = new Play({ form: $("#play"), api, say, busy });
const first = new FirstMinute({ root: $("#first"), play, api, journal, clock, say, busy });
const advance = (row, button) => clock.advanceTo(row, button);
const detail = new Detail({
  root: $("#detail"), journal, advance, show: (row) => open(row),
  resend: (row, button) => busy(button, async () => {
    await api.resend(row.id, row.account);
    say(`${row.event} is sent again`);
  }),
  closed(row) {
    document.body.removeAttribute("data-detail");
    list.select(null);
    list.focus(row);
  },
});
const list = new List({ root: $("#rows"), older: $("#older"), count: $("#count"), journal, clocks, advance, open: (row) => open(row) });

function open(row) {
  document.body.setAttribute("data-detail", "");
  detail.open(row);
  list.select(row);
}

const connection = new Connection({
  address: () => ({ after: journal.last, account: api.account }),
  hello(frame) {
    clocks.sync(frame.wall);
    put($("#version"), frame.server);
    first.self = frame.self || location.origin;
    const other = instance && instance !== frame.instance;
    instance = frame.instance;
    if (other) {
      clear();
      connection.open();
      return;
    }
    play.load().then(schedule, (error) => say(error.message));
    learnAccounts();
  },
  entries(entries) {
    for (const entry of entries) {
      if (entry.seq <= journal.last) continue;
      clocks.observe(entry);
      if (entry.account) accounts.add(entry.account);
    }
    journal.apply(entries);
    schedule();
  },
  state(state, wait) {
    const text = { connecting: "Connecting…", live: "Live", lost: `Connection lost, again in ${duration(Math.ceil(wait / 1000) * 1000)}` };
    $("#connection").dataset.state = state;
    put($("#connection"), text[state]);
  },
});

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    const changes = journal.drain();
    list.update(changes);
    detail.update(changes);
    first.render();
    clock.render();
    offerAccounts();
    document.body.dataset.last = journal.last;
  });
}

function clear() {
  detail.close();
  journal.clear();
  clocks.clear();
  list.rebuild();
  schedule();
}

async function learnAccounts() {
  try {
    clocks.set("", await api.clock("")); // what accounts to come start with
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

$("#account").addEventListener("change", ({ target }) => {
  api.account = target.value;
  const url = new URL(location.href);
  if (api.account) url.searchParams.set("account", api.account);
  else url.searchParams.delete("account");
  history.replaceState(null, "", url);
  clear();
  connection.open();
});

$("#filter").addEventListener("change", ({ target }) => list.filter(target.value));

api.account = new URL(location.href).searchParams.get("account") ?? "";
if (api.account) accounts.add(api.account);
schedule();
connection.open();
