// --- A stand-in for IdentityKYC, generations 2 and 3: the parameters differ, the way it goes is one ---

const generations = {
  2: {
    required: ["first_name", "last_name", "email", "merchant_key"],
    path: "/identitypass/internal/checker/sdk/widget/initialize",
    account: (p) => p.merchant_key,
    body: (p) => ({first_name: p.first_name, public_key: p.merchant_key, last_name: p.last_name, email: p.email, user_ref: p.user_ref,
      config_id: p.config_id, image: p.image}),
    invalid: (p) => JSON.stringify(p),
    opened: ({status, body}) => status === 200 && body.widget_id,
    refused: (body) => ({code: "E00", message: body.detail ?? body.message}),
    allow: "camera; microphone",
  },
  3: {
    required: ["first_name", "last_name", "email", "widget_id", "widget_key"],
    path: "/api/v1/checker-widget/sdk/sessions/initiate/",
    account: (p) => p.widget_key,
    body: (p) => ({first_name: p.first_name, last_name: p.last_name, email: p.email, phone: p.phone, widget_id: p.widget_id,
      widget_key: p.widget_key, metadata: p.metadata ?? {}}),
    invalid: () => "Validation failed",
    opened: ({status, body}) => (status === 200 || status === 201) && (body.data?.session_id ?? body.data?.session?.session_id),
    refused: (body) => ({code: "E00", message: body.message || "Failed to initialize session", errors: body.errors || body}),
    allow: "camera; microphone; clipboard-read; clipboard-write",
  },
};

const generation = generations[served.at.includes("-v3") ? 3 : 2];
const container = "identity-frame-container";

// wrong finds the first parameter that the real script would not take.
function wrong(parameters) {
  const missing = generation.required.find((name) => !parameters[name]);
  if (missing) return `${missing} is required`;
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(parameters.email) ? undefined : "Email is not valid";
}

// listen hands what the frame says to the callback. As in the real script the listener stays for ever, so that a page that
// calls verify twice is called back twice.
function listen(callback) {
  window.addEventListener("message", (event) => {
    if (event.data?.eventInstance !== "identity_verification_event") return;
    const said = event.data.data ?? {};
    document.getElementById(container)?.remove();
    if (said.status === "failed") callback({code: "E01", message: said.message, status: "failed"}, null);
    else if (said.status === "cancelled") callback({code: "E02", message: "Verification Canceled", status: "cancelled"}, null);
    else callback({code: "00", status: "success", message: said.message, data: said.data, channel: said.channel}, event.data);
  });
}

async function verify(parameters = {}) {
  if (!inBrowser) return;
  const {callback} = parameters;
  const loading = globalThis.loadingOverlay();
  const handle = loading.activate();
  const refuse = (reason) => { loading.cancel(handle); callback(reason, null); };
  if (typeof callback !== "function") {
    loading.cancel(handle);
    console.error(`${served.title}: callback is required`);
    return;
  }
  listen(callback);
  const param = wrong(parameters);
  if (param) return refuse({code: "E00", message: generation.invalid(parameters), data: {param}});
  let answer;
  try {
    answer = await call(generation.path, generation.body(parameters), {"X-Idmock-Widget": "1"});
  } catch (failed) { // what the real script says then is not known
    return refuse(generation.refused({detail: String(failed), message: String(failed)}));
  }
  const session = generation.opened(answer);
  if (!session) return refuse(generation.refused(answer.body));
  loading.cancel(handle);
  document.getElementById(container)?.remove();
  const query = wishes(new URLSearchParams({session, has_callback: "true", key: generation.account(parameters),
    subject: parameters.user_ref ?? parameters.metadata?.user_ref ?? parameters.email}));
  openFrame({container, frame: "identity-frame-component", src: `${base}/sdk/frame?${query}`, allow: generation.allow});
}

standIn();
if (!globalThis.loadingOverlay) globalThis.loadingOverlay = overlay;
globalThis.IdentityKYC = {verify};
