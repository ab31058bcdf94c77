// The websocket: opens it, opens it again when it is lost, and says where to go on from.
// Which entries have been seen is the journal's business; this asks for what comes after them.

const FIRST_RETRY = 250, LONGEST_RETRY = 10_000; // ms

export class Connection {
  #socket = null;
  #timer = 0;
  #failures = 0;

  /** address() gives the query to ask with: {after, account}. hello(frame), entries(list) and
   *  state("connecting" | "live" | "lost", retryInMs) are called as things happen. */
  constructor({ address, hello, entries, state }) {
    Object.assign(this, { address, hello, entries, state });
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.#socket?.close());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#hurry());
  }

  /** open drops the present socket, if any, and asks anew. */
  open() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const old = this.#socket;
    this.#socket = null; // its late messages no longer count
    old?.close();
    this.state("connecting");
    const { after, account } = this.address();
    const url = new URL("/_idmock/v1/events", location.href);
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
      this.#socket.close(); // a frame that cannot be read must not be skipped: ask for it again
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

  // The reader came back, or the network did: no point in waiting the delay out.
  #hurry() {
    if (this.#timer) this.open();
  }
}
