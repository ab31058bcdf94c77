// --- A replacement of the web SDK: IDWise.initialize() and its session ---

// sdkError returns the reason of a rejected promise. The codes are a guess, after those of the other SDKs.
function sdkError(code, message) {
  return Object.assign(new Error(message), {code});
}

// post calls an operation and returns the body of its response. It throws an sdkError: code for a status that has no code of its own.
async function post(path, body, code) {
  let response;
  try {
    response = await call(path, body);
  } catch (failed) {
    throw sdkError("NETWORK_ERROR", String(failed));
  }
  if (response.ok) return response.body;
  if (response.status === 401 || response.status === 403) throw sdkError("WRONG_CREDENTIALS", response.body.message);
  if (response.status >= 500) throw sdkError("INTERNAL_ERROR", response.body.message);
  throw sdkError(code, response.body.message);
}

class Session {
  #key;
  #journey = null; // ID of the last one
  #host = null;    // contains its dialog
  #dialog = null;
  #completed = false;
  #handlers = {};

  constructor(clientKey) {
    this.#key = clientKey;
  }

  async startJourney(options = {}) {
    const flowId = options.flowId ?? options.journeyDefinitionId; // the old name
    const mount = this.#prepare(flowId, options);
    const {journeyId} = await this.#begin(post("/sdk/open", {clientKey: this.#key, flowId, referenceNo: options.referenceNo}, "INVALID_PARAMETERS"));
    this.#notify("onJourneyStarted", {journeyId});
    this.#complete(journeyId, mount, options.referenceNo);
  }

  async resumeJourney(options = {}) {
    const mount = this.#prepare(options.flowId, options);
    if (!options.journeyId) throw sdkError("INVALID_PARAMETERS", "journeyId is missing");
    const {journeyId} = await this.#begin(post("/sdk/resume", {clientKey: this.#key, flowId: options.flowId, journeyId: options.journeyId}, "NO_JOURNEY_TO_RESUME"));
    this.#notify("onJourneyResumed", {journeyId});
    this.#complete(journeyId, mount);
  }

  // getJourneyResult works in onJourneyFinished and afterwards.
  async getJourneyResult() {
    if (!this.#completed) throw sdkError("JOURNEY_NOT_COMPLETED", "the journey is not completed");
    return post("/sdk/result", {clientKey: this.#key, journeyId: this.#journey}, "JOURNEY_NOT_COMPLETED");
  }

  // cleanup cancels a running journey and removes its dialog from the page.
  async cleanup() {
    const running = this.#host !== null && !this.#completed;
    this.#remove();
    if (running) await this.#end("cancelled");
  }

  #prepare(flowId, {mount, eventHandlers}) {
    if (!inBrowser) throw sdkError("INVALID_PARAMETERS", "journeys need a browser");
    if (!flowId) throw sdkError("INVALID_PARAMETERS", "flowId is missing");
    const parent = mount ? document.querySelector(mount) : null;
    if (!parent) throw sdkError("INVALID_PARAMETERS", `mount: no element matches ${mount}`);
    if (this.#host) throw sdkError("DUPLICATE_CALL", "a journey is running");
    this.#handlers = eventHandlers ?? {};
    this.#completed = false;
    return parent;
  }

  async #begin(opened) {
    try {
      return await opened;
    } catch (failed) {
      this.#notify("onError", {code: failed.code, message: failed.message});
      throw failed;
    }
  }

  // complete ends the journey. It asks for the outcome unless that is decided already.
  async #complete(journeyId, mount, referenceNo) {
    this.#journey = journeyId;
    const host = this.#host = mount.appendChild(element("div", {"data-idmock-journey": journeyId}));
    try {
      const offer = await fetchOffer(this.#key, ["finishSDKJourney"], referenceNo, journeyId);
      const requested = option("outcome");
      let outcome = requested && findOutcome(offer, requested === "success" ? "finished" : requested).name;
      if (!outcome && !offer.decided) {
        if (this.#host !== host) return; // cleaned up meanwhile
        this.#dialog = new Dialog(host);
        const {choice} = await this.#dialog.ask({title: served.title, closable: true, submitLabel: "Complete all steps",
          text: "The real journey asks for a document and a selfie. Nothing is recorded. Select the outcome.",
          submits: findOutcome(offer, "finished"), outcomes: offer.outcomes.filter((o) => o.name !== "finished")});
        outcome = choice === true ? "finished" : choice?.name ?? "cancelled";
      }
      if (this.#host !== host) return;
      this.#remove();
      await this.#end(outcome || undefined);
    } catch (failed) {
      console.error(failed);
      this.#remove();
      this.#notify("onError", {code: failed.code ?? "INTERNAL_ERROR", message: failed.message});
    }
  }

  async #end(outcome) {
    const {event, ...data} = await post("/sdk/finish", {clientKey: this.#key, journeyId: this.#journey, outcome}, "NO_ACTIVE_JOURNEY");
    this.#completed = event === "onJourneyFinished";
    this.#notify(event, data);
  }

  #remove() {
    this.#dialog?.close();
    this.#host?.remove();
    this.#dialog = this.#host = null;
  }

  #notify(handler, data) {
    if (typeof this.#handlers[handler] === "function") this.#handlers[handler](data);
  }
}

announce();
if (!globalThis.IDWise) globalThis.IDWise = {
  async initialize({clientKey, locale = "en", theme = "system_default"} = {}) {
    if (!clientKey) throw sdkError("INVALID_PARAMETERS", "clientKey is missing");
    await post("/sdk/initialize", {clientKey, locale, theme}, "INVALID_PARAMETERS");
    return new Session(clientKey);
  },
};
