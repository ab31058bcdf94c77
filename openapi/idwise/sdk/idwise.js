// --- A stand-in for the web SDK: IDWise.initialize() and the session that it resolves to ---

// problem is what promises are rejected with. The codes are a guess, after those of the other SDKs.
function problem(code, message) {
  return Object.assign(new Error(message), {code});
}

// ask makes a call and turns what is refused into a problem.
async function ask(path, body, refused) {
  let answer;
  try {
    answer = await call(path, body);
  } catch (failed) {
    throw problem("NETWORK_ERROR", String(failed));
  }
  if (answer.ok) return answer.body;
  if (answer.status === 401 || answer.status === 403) throw problem("WRONG_CREDENTIALS", answer.body.message);
  if (answer.status >= 500) throw problem("INTERNAL_ERROR", answer.body.message);
  throw problem(refused, answer.body.message);
}

class Session {
  #key;
  #journey = null; // the id of the one that was begun last
  #host = null;    // where its dialog is
  #dialog = null;
  #completed = false;
  #handlers = {};

  constructor(clientKey) {
    this.#key = clientKey;
  }

  async startJourney(options = {}) {
    const flowId = options.flowId ?? options.journeyDefinitionId; // the old name
    const mount = this.#prepare(flowId, options);
    const {journeyId} = await this.#begin(ask("/sdk/open", {clientKey: this.#key, flowId, referenceNo: options.referenceNo}, "INVALID_PARAMETERS"));
    this.#tell("onJourneyStarted", {journeyId});
    this.#lead(journeyId, mount, options.referenceNo);
  }

  async resumeJourney(options = {}) {
    const mount = this.#prepare(options.flowId, options);
    if (!options.journeyId) throw problem("INVALID_PARAMETERS", "journeyId is missing");
    const {journeyId} = await this.#begin(ask("/sdk/resume", {clientKey: this.#key, flowId: options.flowId, journeyId: options.journeyId}, "NO_JOURNEY_TO_RESUME"));
    this.#tell("onJourneyResumed", {journeyId});
    this.#lead(journeyId, mount);
  }

  // getJourneyResult works in onJourneyFinished and afterwards.
  async getJourneyResult() {
    if (!this.#completed) throw problem("JOURNEY_NOT_COMPLETED", "the journey is not completed");
    return ask("/sdk/result", {clientKey: this.#key, journeyId: this.#journey}, "JOURNEY_NOT_COMPLETED");
  }

  // cleanup cancels a journey under way and takes what it shows out of the page.
  async cleanup() {
    const running = this.#host !== null && !this.#completed;
    this.#remove();
    if (running) await this.#end("cancelled");
  }

  #prepare(flowId, {mount, eventHandlers}) {
    if (!inBrowser) throw problem("INVALID_PARAMETERS", "journeys are for browsers");
    if (!flowId) throw problem("INVALID_PARAMETERS", "flowId is missing");
    const at = mount ? document.querySelector(mount) : null;
    if (!at) throw problem("INVALID_PARAMETERS", `mount: nothing on the page is ${mount}`);
    if (this.#host) throw problem("DUPLICATE_CALL", "a journey is under way");
    this.#handlers = eventHandlers ?? {};
    this.#completed = false;
    return at;
  }

  async #begin(opened) {
    try {
      return await opened;
    } catch (failed) {
      this.#tell("onError", {code: failed.code, message: failed.message});
      throw failed;
    }
  }

  // lead shows the dialog, unless it is decided already how the journey ends.
  async #lead(journeyId, mount, referenceNo) {
    this.#journey = journeyId;
    const host = this.#host = mount.appendChild(make("div", {"data-idmock-journey": journeyId}));
    try {
      const offer = await offers(this.#key, ["finishSDKJourney"], referenceNo, journeyId);
      const named = wanted("outcome");
      let outcome = named && find(offer, named === "success" ? "finished" : named).name;
      if (!outcome && !offer.decided) {
        if (this.#host !== host) return; // cleaned up meanwhile
        this.#dialog = new Dialog(host);
        const {choice} = await this.#dialog.ask({title: served.title, closable: true, go: "Take every step",
          text: "The person shows a document and takes a selfie here. Nothing is recorded. How does the journey end?",
          becomes: find(offer, "finished"), outcomes: offer.outcomes.filter((o) => o.name !== "finished")});
        outcome = choice === true ? "finished" : choice?.name ?? "cancelled";
      }
      if (this.#host !== host) return;
      this.#remove();
      await this.#end(outcome || undefined);
    } catch (failed) {
      console.error(failed);
      this.#remove();
      this.#tell("onError", {code: failed.code ?? "INTERNAL_ERROR", message: failed.message});
    }
  }

  async #end(outcome) {
    const {event, ...told} = await ask("/sdk/finish", {clientKey: this.#key, journeyId: this.#journey, outcome}, "NO_ACTIVE_JOURNEY");
    this.#completed = event === "onJourneyFinished";
    this.#tell(event, told);
  }

  #remove() {
    this.#dialog?.close();
    this.#host?.remove();
    this.#dialog = this.#host = null;
  }

  #tell(handler, told) {
    if (typeof this.#handlers[handler] === "function") this.#handlers[handler](told);
  }
}

standIn();
if (!globalThis.IDWise) globalThis.IDWise = {
  async initialize({clientKey, locale = "en", theme = "system_default"} = {}) {
    if (!clientKey) throw problem("INVALID_PARAMETERS", "clientKey is missing");
    await ask("/sdk/initialize", {clientKey, locale, theme}, "INVALID_PARAMETERS");
    return new Session(clientKey);
  },
};
