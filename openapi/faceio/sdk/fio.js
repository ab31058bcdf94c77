// --- A replacement of fio.js: its globals, promises and session rules. No camera: a face is a word ---

const fioErrCode = Object.freeze({
  PERMISSION_REFUSED: 1, NO_FACES_DETECTED: 2, UNRECOGNIZED_FACE: 3, MANY_FACES: 4, PAD_ATTACK: 5, FACE_MISMATCH: 6,
  NETWORK_IO: 7, WRONG_PIN_CODE: 8, PROCESSING_ERR: 9, UNAUTHORIZED: 10, TERMS_NOT_ACCEPTED: 11, UI_NOT_READY: 12,
  SESSION_EXPIRED: 13, TIMEOUT: 14, TOO_MANY_REQUESTS: 15, EMPTY_ORIGIN: 16, FORBIDDEN_ORIGIN: 17, FORBIDDEN_COUNTRY: 18,
  UNIQUE_PIN_REQUIRED: 19, SESSION_IN_PROGRESS: 20, FACE_DUPLICATION: 21, MINORS_NOT_ALLOWED: 22, UPGRADE_REQUIRED: 23,
  ABORTED_BY_USER: 24,
  FORBIDDDEN_ORIGIN: 17, FORBIDDDEN_COUNTRY: 18, // spelled so by the CDN's script until 2.x
});

// The real names of the states are not published: these are a guess.
const fioState = Object.freeze({IDLE: 0, RUNNING: 1, SUCCEEDED: 2, FAILED: 3});

const maxTries = 3; // of a PIN

// modal returns the element that contains the dialog: the page's own, or a new one.
function modal() {
  let at = document.getElementById("faceio-modal");
  if (!at) document.body.append(at = element("div", {id: "faceio-modal"}));
  return at;
}

// applyDefaults writes the defaults into the page's own options, times in milliseconds, as the real script does: an object that is used
// for two calls has longer times in the second.
function applyDefaults(options) {
  const number = (value, min, max, fallback) => typeof value === "number" && value >= min && value <= max ? value : fallback;
  options.payload ??= null;
  options.locale ??= "auto";
  options.userConsent = options.userConsent === true;
  options.permissionTimeout = number(options.permissionTimeout, -Infinity, Infinity, 27) * 1000;
  options.idleTimeout = number(options.idleTimeout, 9.001, Infinity, 27) * 1000;
  options.replyTimeout = number(options.replyTimeout, 15.001, Infinity, 60) * 1000;
  options.termsTimeout = number(options.termsTimeout, 3, 30, 10) * 60 * 1000;
  options.enrollIntroTimeout = Math.max(5, number(options.enrollIntroTimeout, -Infinity, 60, 11)) * 1000;
  return options;
}

// Operation is one enroll() or authenticate() under way.
class Operation {
  up = false; // the widget was shown: later failures end the session

  constructor(app, op, options) {
    this.app = app;
    this.options = options;
    this.enrols = op === "enroll";
    this.op = op;
    this.name = this.enrols ? "enrollFace" : "authenticateFace";
    this.path = this.enrols ? "/sdk/enroll" : "/sdk/authenticate";
    this.face = option("subject") ?? "ada";
    this.pin = option("pin");
  }

  async run() {
    this.offer = await fetchOffer(this.app, [this.name, "openWidgetSession"], this.face);
    const requested = option("outcome");
    const forced = requested === undefined ? undefined : this.outcome(requested);
    const session = await this.open(forced?.operation === "openWidgetSession" ? forced : undefined);
    this.up = true;
    this.reload = session.sessionReload;
    this.askPin = session.askPin;
    if (forced || this.offer.decided) return this.send(forced?.response.errCode ? forced : undefined);
    const dialog = new Dialog(modal());
    try {
      return await this.guide(dialog);
    } finally {
      dialog.close();
    }
  }

  // outcome finds a requested outcome by name, in either spelling, or by number.
  outcome(name) {
    const code = fioErrCode[String(name).toUpperCase()] ?? Number(name);
    return findOutcome(this.offer, Object.keys(fioErrCode).find((key) => fioErrCode[key] === code) ?? name);
  }

  // open starts the session before the widget is shown. If it is rejected, the object stays unchanged.
  async open(outcome) {
    const {status, body} = await call("/sdk/session", {appId: this.app, op: this.enrols ? "enroll" : "auth", origin: location.origin,
      locale: String(this.options.locale), ...(outcome?.response.errCode ? {outcome: outcome.name} : {})});
    if (body.errCode) throw body.errCode;
    if (status === 401) throw fioErrCode.UNAUTHORIZED;
    if (status !== 200) throw fioErrCode.PROCESSING_ERR;
    return outcome && !outcome.response.errCode ? outcome.response : body; // such as the free plan
  }

  // guide shows the steps of the real widget.
  async guide(dialog) {
    const options = this.options;
    if (this.enrols && !options.userConsent) {
      const refused = await this.step(dialog, options.termsTimeout / 1000, "TERMS_NOT_ACCEPTED", {
        text: "Terms of use: nothing is recorded. This is a mock.", submitLabel: "Accept"});
      if (refused) return refused.result;
    }
    const refused = await this.step(dialog, options.permissionTimeout / 1000, "PERMISSION_REFUSED", {
      text: "The page asks for the camera. It will not be used.", submitLabel: "Allow the camera"});
    if (refused) return refused.result;
    for (let alert = "", wrong = 0; ;) {
      const ended = await this.step(dialog, options.idleTimeout / 1000, "NO_FACES_DETECTED", {alert, fields: this.fields(), submits: findOutcome(this.offer, "success"),
        text: this.enrols ? "Name the face in front of the camera. The same word is the same face." : "Name the face in front of the camera: the word that it was enrolled with.",
        submitLabel: this.enrols ? "Enroll this face" : "Show this face"});
      if (ended) return ended.result;
      try {
        return await this.send();
      } catch (code) {
        if (code === fioErrCode.UNIQUE_PIN_REQUIRED) alert = "This PIN is in use: choose another.";
        else if (code === fioErrCode.WRONG_PIN_CODE && ++wrong < maxTries) alert = `The PIN is wrong. Tries left: ${maxTries - wrong}.`;
        else throw code;
      }
    }
  }

  fields() {
    const magic = this.offer.magic.map((m) => m.subject).join(", ");
    const face = {name: "face", label: "Face", value: this.face, required: true, hint: magic && `These play a scenario: ${magic}`};
    const pin = {name: "pin", label: "PIN", value: this.pin ?? "1234", required: true, inputmode: "numeric", pattern: "[0-9]{4,16}", hint: "4 to 16 digits"};
    return this.enrols || this.askPin ? [face, pin] : [face];
  }

  // step shows one step of the dialog. It returns {result} if the operation ended with it, and undefined otherwise.
  async step(dialog, seconds, expiry, content) {
    const reply = await race(() => dialog.ask({title: `${served.title}: ${this.op}`, closable: this.options.showAbortBtn === true,
      outcomes: this.offer.outcomes.filter((o) => o.response.errCode).map((o) => ({...o, label: `${o.response.errCode} ${o.name}`})), ...content}),
      this.app, seconds);
    if (reply === timedOut) return {result: await this.send(this.outcome(expiry))};
    if (reply.values.face) this.face = reply.values.face;
    if (reply.values.pin) this.pin = reply.values.pin;
    if (reply.choice === null) return {result: await this.send(this.outcome("ABORTED_BY_USER"))};
    if (reply.choice === true) return undefined;
    if (reply.choice.name === "UNIQUE_PIN_REQUIRED") { // the real widget asks again
      return this.step(dialog, seconds, expiry, {...content, alert: "This PIN is in use: choose another."});
    }
    return {result: await this.send(reply.choice)};
  }

  // send calls the operation, which sends the webhook, and returns or throws the result of the promise.
  async send(outcome) {
    if (outcome?.operation === "openWidgetSession") {
      this.up = false;
      return this.open(outcome);
    }
    const body = {appId: this.app, face: this.face};
    if (this.pin !== undefined) body.pin = this.pin;
    if (this.enrols) body.payload = this.options.payload;
    if (outcome) body.outcome = outcome.name;
    let response;
    try {
      response = await race(() => call(this.path, body), this.app, this.options.replyTimeout / 1000);
    } catch (failed) {
      throw fioErrCode.NETWORK_IO;
    }
    if (response === timedOut) throw fioErrCode.TIMEOUT;
    if (response.body.errCode) throw response.body.errCode;
    if (!response.ok) throw fioErrCode.PROCESSING_ERR;
    return response.body;
  }
}

class faceIO {
  #app;
  #state = fioState.IDLE;
  #reload = false;

  constructor(publicId) {
    this.#app = String(publicId ?? "");
    announce();
  }

  enroll(options) { return this.#run("enroll", options); }
  authenticate(options) { return this.#run("authenticate", options); }

  // restartSession allows another operation after a finished one, on plans that support it. It is synchronous.
  restartSession() {
    const finished = this.#state === fioState.SUCCEEDED || this.#state === fioState.FAILED;
    if (!finished || !this.#reload) return false;
    this.#state = fioState.IDLE;
    this.#reload = false;
    return true;
  }

  fetchAllErrorCodes() { return fioErrCode; }

  // The parameters and results of these methods are not published. They reject, as on a plan without them.
  async liveness() { return this.#unsupported("liveness"); }
  async ageVerify() { return this.#unsupported("ageVerify"); }
  async idmatch() { return this.#unsupported("idmatch"); }

  #unsupported(name) {
    console.warn(`${served.title}: ${name}() is not supported, as its results are not published; it rejects with UPGRADE_REQUIRED.`);
    throw fioErrCode.UPGRADE_REQUIRED;
  }

  async #run(op, options) {
    if (this.#state === fioState.RUNNING || this.#state === fioState.SUCCEEDED) throw fioErrCode.SESSION_IN_PROGRESS;
    if (this.#state === fioState.FAILED) throw fioErrCode.SESSION_EXPIRED;
    if (!inBrowser || !document.body) throw fioErrCode.UI_NOT_READY;
    this.#state = fioState.RUNNING;
    const operation = new Operation(this.#app, op, applyDefaults(typeof options === "object" && options !== null ? options : {}));
    try {
      const result = await operation.run();
      this.#state = fioState.SUCCEEDED;
      return result;
    } catch (reason) {
      this.#state = operation.up ? fioState.FAILED : fioState.IDLE;
      throw reason;
    } finally {
      this.#reload = operation.reload === true;
    }
  }
}
for (const alias of ["enrol", "register", "record"]) faceIO.prototype[alias] = faceIO.prototype.enroll;
for (const alias of ["auth", "recognize", "identify"]) faceIO.prototype[alias] = faceIO.prototype.authenticate;

// Modules find properties of window by their bare names, too. A second load changes nothing.
if (!globalThis.faceIO) Object.assign(globalThis, {faceIO, fioErrCode, fioState});
if (inBrowser && document.body) modal();
