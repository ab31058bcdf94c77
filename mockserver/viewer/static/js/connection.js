// The websocket connection, with reconnects. The journal knows the last entry received; this requests the entries after it.
import { root } from "./root.js";

const FIRST_RETRY = 250, LONGEST_RETRY = 10_000; // ms

export class Connection {
  #socket = null;
  #timer = 0;
  #failures = 0;

  /** address() returns the query {after, account}. Callbacks: hello(frame), entries(list) and
   *  state("connecting" | "live" | "lost", retryInMs). */
  constructor({ address, hello, entries, state }) {
    Object.assign(this, { address, hello, entries, state });
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.#socket?.close());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#hurry());
  }

  /** open replaces the current socket, if any. */
  open() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const old = this.#socket;
    this.#socket = null; // ignore its late messages
    old?.close();
    this.state("connecting");
    const { after, account } = this.address();
    const url = new URL("_idmock/v1/events", root);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("after", after);
    if (account) url.searchParams.set("account", account);
    const socket = (this.#socket = new WebSocket(url));
    socket.addEventListener("message", (message) => socket === this.#socket && this.#receive(message.data));
    socket.addEventListener("close", () => socket === this.#socket && this.#lost());
  }

  #receive(text) {
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      this.#socket.close(); // never skip an unreadable frame: reconnect to get it again
      return;
    }
    if (frame.type === "entries") this.entries(frame.entries);
    else if (frame.type === "hello") {
      this.#failures = 0;
      this.state("live");
      this.hello(frame);
    }
  }

  #lost() {
    this.#socket = null;
    const wait = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
    this.state("lost", wait);
    this.#timer = setTimeout(() => this.open(), wait);
  }

  // The page became visible or the network returned: reconnect now.
  #hurry() {
    if (this.#timer) this.open();
  }
}
