// --- A stand-in for fio.js: its globals, its promises and its rules about sessions. No camera: a face is a word ---

const fioErrCode = Object.freeze({
  PERMISSION_REFUSED: 1, NO_FACES_DETECTED: 2, UNRECOGNIZED_FACE: 3, MANY_FACES: 4, PAD_ATTACK: 5, FACE_MISMATCH: 6,
  NETWORK_IO: 7, WRONG_PIN_CODE: 8, PROCESSING_ERR: 9, UNAUTHORIZED: 10, TERMS_NOT_ACCEPTED: 11, UI_NOT_READY: 12,
  SESSION_EXPIRED: 13, TIMEOUT: 14, TOO_MANY_REQUESTS: 15, EMPTY_ORIGIN: 16, FORBIDDEN_ORIGIN: 17, FORBIDDEN_COUNTRY: 18,
  UNIQUE_PIN_REQUIRED: 19, SESSION_IN_PROGRESS: 20, FACE_DUPLICATION: 21, MINORS_NOT_ALLOWED: 22, UPGRADE_REQUIRED: 23,
  ABORTED_BY_USER: 24,
  FORBIDDDEN_ORIGIN: 17, FORBIDDDEN_COUNTRY: 18, // as the script of the content network spelt them until 2.x
});

// What the real one calls its states is not published: these names are a guess.
const fioState = Object.freeze({IDLE: 0, RUNNING: 1, SUCCEEDED: 2, FAILED: 3});

const tries = 3; // of a PIN

// modal is the element in which the dialog opens. Pages may bring their own.
function modal() {
  let at = document.getElementById("faceio-modal");
  if (!at) document.body.append(at = make("div", {id: "faceio-modal"}));
  return at;
}

// settle writes the defaults into the page's own options, times in milliseconds, as the real script does: who uses one
// object for two calls has longer times in the second.
function settle(options) {
  const number = (value, least, most, instead) => typeof value === "number" && value >= least && value <= most ? value : instead;
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
  up = false; // the widget was shown: what fails from now on ends the session

  constructor(app, op, options) {
    this.app = app;
    this.options = options;
    this.enrols = op === "enroll";
    this.op = op;
    this.name = this.enrols ? "enrollFace" : "authenticateFace";
    this.path = this.enrols ? "/sdk/enroll" : "/sdk/authenticate";
    this.face = wanted("subject") ?? "ada";
    this.pin = wanted("pin");
  }

  async run() {
    this.offer = await offers(this.app, [this.name, "openWidgetSession"], this.face);
    const named = wanted("outcome");
    const forced = named === undefined ? undefined : this.outcome(named);
    const session = await this.open(forced?.operation === "openWidgetSession" ? forced : undefined);
    this.up = true;
    this.reload = session.sessionReload;
    this.askPin = session.askPin;
    if (forced || this.offer.decided) return this.send(forced?.answer.errCode ? forced : undefined);
    const dialog = new Dialog(modal());
    try {
      return await this.guide(dialog);
    } finally {
      dialog.close();
    }
  }

  // outcome finds what was asked for by name, in either spelling, or by number.
  outcome(name) {
    const code = fioErrCode[String(name).toUpperCase()] ?? Number(name);
    return find(this.offer, Object.keys(fioErrCode).find((key) => fioErrCode[key] === code) ?? name);
  }

  // open does what comes before the widget is shown. A refusal leaves the object as it was.
  async open(outcome) {
    const {status, body} = await call("/sdk/session", {appId: this.app, op: this.enrols ? "enroll" : "auth", origin: location.origin,
      locale: String(this.options.locale), ...(outcome?.answer.errCode ? {outcome: outcome.name} : {})});
    if (body.errCode) throw body.errCode;
    if (status === 401) throw fioErrCode.UNAUTHORIZED;
    if (status !== 200) throw fioErrCode.PROCESSING_ERR;
    return outcome && !outcome.answer.errCode ? outcome.answer : body; // such as the free plan
  }

  // guide leads whoever sits before the page through what the real widget asks for.
  async guide(dialog) {
    const options = this.options;
    if (this.enrols && !options.userConsent) {
      const refused = await this.step(dialog, options.termsTimeout / 1000, "TERMS_NOT_ACCEPTED", {
        text: "The terms of use: nothing is recorded, and nobody is looked at. This is a mock.", go: "Accept"});
      if (refused) return refused.result;
    }
    const refused = await this.step(dialog, options.permissionTimeout / 1000, "PERMISSION_REFUSED", {
      text: "The page asks for the camera. None will be used.", go: "Allow the camera"});
    if (refused) return refused.result;
    for (let alert = "", wrong = 0; ;) {
      const ended = await this.step(dialog, options.idleTimeout / 1000, "NO_FACES_DETECTED", {alert, fields: this.fields(), becomes: find(this.offer, "success"),
        text: this.enrols ? "Who is before the camera? The same word is the same face." : "Who is before the camera? A face is known by the word it was enrolled with.",
        go: this.enrols ? "Enroll this face" : "Show this face"});
      if (ended) return ended.result;
      try {
        return await this.send();
      } catch (code) {
        if (code === fioErrCode.UNIQUE_PIN_REQUIRED) alert = "Somebody has this PIN already: choose another.";
        else if (code === fioErrCode.WRONG_PIN_CODE && ++wrong < tries) alert = `The PIN is wrong. Tries left: ${tries - wrong}.`;
        else throw code;
      }
    }
  }

  fields() {
    const magic = this.offer.magic.map((m) => m.subject).join(", ");
    const face = {name: "face", label: "Face", value: this.face, required: true, hint: magic && `Some play a scenario: ${magic}`};
    const pin = {name: "pin", label: "PIN", value: this.pin ?? "1234", required: true, inputmode: "numeric", pattern: "[0-9]{4,16}", hint: "4 to 16 digits"};
    return this.enrols || this.askPin ? [face, pin] : [face];
  }

  // step shows one step of the dialog. It returns nothing where the step goes on, and otherwise what the operation comes to.
  async step(dialog, seconds, expiry, what) {
    const answer = await race(() => dialog.ask({title: `${served.title}: ${this.op}`, closable: this.options.showAbortBtn === true,
      outcomes: this.offer.outcomes.filter((o) => o.answer.errCode).map((o) => ({...o, label: `${o.answer.errCode} ${o.name}`})), ...what}),
      this.app, seconds);
    if (answer === late) return {result: await this.send(this.outcome(expiry))};
    if (answer.values.face) this.face = answer.values.face;
    if (answer.values.pin) this.pin = answer.values.pin;
    if (answer.choice === null) return {result: await this.send(this.outcome("ABORTED_BY_USER"))};
    if (answer.choice === true) return undefined;
    if (answer.choice.name === "UNIQUE_PIN_REQUIRED") { // the real widget says so and asks again
      return this.step(dialog, seconds, expiry, {...what, alert: "Somebody has this PIN already: choose another."});
    }
    return {result: await this.send(answer.choice)};
  }

  // send lets it happen: the mock decides, tells the webhook, and answers what the promise comes to.
  async send(outcome) {
    if (outcome?.operation === "openWidgetSession") {
      this.up = false;
      return this.open(outcome);
    }
    const body = {appId: this.app, face: this.face};
    if (this.pin !== undefined) body.pin = this.pin;
    if (this.enrols) body.payload = this.options.payload;
    if (outcome) body.outcome = outcome.name;
    let reply;
    try {
      reply = await race(() => call(this.path, body), this.app, this.options.replyTimeout / 1000);
    } catch (failed) {
      throw fioErrCode.NETWORK_IO;
    }
    if (reply === late) throw fioErrCode.TIMEOUT;
    if (reply.body.errCode) throw reply.body.errCode;
    if (!reply.ok) throw fioErrCode.PROCESSING_ERR;
    return reply.body;
  }
}

class faceIO {
  #app;
  #state = fioState.IDLE;
  #reload = false;

  constructor(publicId) {
    this.#app = String(publicId ?? "");
    standIn();
  }

  enroll(options) { return this.#run("enroll", options); }
  authenticate(options) { return this.#run("authenticate", options); }

  // restartSession lets a finished page begin again, on plans that allow it. It is synchronous.
  restartSession() {
    const finished = this.#state === fioState.SUCCEEDED || this.#state === fioState.FAILED;
    if (!finished || !this.#reload) return false;
    this.#state = fioState.IDLE;
    this.#reload = false;
    return true;
  }

  fetchAllErrorCodes() { return fioErrCode; }

  // What these take and give is not published. They refuse, as on a plan that does not have them.
  async liveness() { return this.#beyond("liveness"); }
  async ageVerify() { return this.#beyond("ageVerify"); }
  async idmatch() { return this.#beyond("idmatch"); }

  #beyond(name) {
    console.warn(`${served.title}: idmock does not know what ${name}() answers, as that is unpublished; it rejects with UPGRADE_REQUIRED.`);
    throw fioErrCode.UPGRADE_REQUIRED;
  }

  async #run(op, given) {
    if (this.#state === fioState.RUNNING || this.#state === fioState.SUCCEEDED) throw fioErrCode.SESSION_IN_PROGRESS;
    if (this.#state === fioState.FAILED) throw fioErrCode.SESSION_EXPIRED;
    if (!inBrowser || !document.body) throw fioErrCode.UI_NOT_READY;
    this.#state = fioState.RUNNING;
    const operation = new Operation(this.#app, op, settle(typeof given === "object" && given !== null ? given : {}));
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

// Properties of window are found by their bare names as well, from modules too, and may be set by a second load.
if (!globalThis.faceIO) Object.assign(globalThis, {faceIO, fioErrCode, fioState});
if (inBrowser && document.body) modal();
