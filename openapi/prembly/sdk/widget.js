// --- A replacement of IdentityKYC, generations 2 and 3: only their parameters differ ---

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

// parameterError returns the error of the first parameter that the real script rejects.
function parameterError(parameters) {
  const missing = generation.required.find((name) => !parameters[name]);
  if (missing) return `${missing} is required`;
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(parameters.email) ? undefined : "Email is not valid";
}

// listen passes messages of the frame to the callback. As in the real script, the listener stays: a page that calls
// verify twice is called back twice.
function listen(callback) {
  window.addEventListener("message", (event) => {
    if (event.data?.eventInstance !== "identity_verification_event") return;
    const result = event.data.data ?? {};
    document.getElementById(container)?.remove();
    if (result.status === "failed") callback({code: "E01", message: result.message, status: "failed"}, null);
    else if (result.status === "cancelled") callback({code: "E02", message: "Verification Canceled", status: "cancelled"}, null);
    else callback({code: "00", status: "success", message: result.message, data: result.data, channel: result.channel}, event.data);
  });
}

async function verify(parameters = {}) {
  if (!inBrowser) return;
  const {callback} = parameters;
  const loading = globalThis.loadingOverlay();
  const handle = loading.activate();
  const reject = (reason) => { loading.cancel(handle); callback(reason, null); };
  if (typeof callback !== "function") {
    loading.cancel(handle);
    console.error(`${served.title}: callback is required`);
    return;
  }
  listen(callback);
  const param = parameterError(parameters);
  if (param) return reject({code: "E00", message: generation.invalid(parameters), data: {param}});
  let response;
  try {
    response = await call(generation.path, generation.body(parameters), {"X-Idmock-Widget": "1"});
  } catch (failed) { // the real script's message is not known
    return reject(generation.refused({detail: String(failed), message: String(failed)}));
  }
  const session = generation.opened(response);
  if (!session) return reject(generation.refused(response.body));
  loading.cancel(handle);
  document.getElementById(container)?.remove();
  const query = withOptions(new URLSearchParams({session, has_callback: "true", key: generation.account(parameters),
    subject: parameters.user_ref ?? parameters.metadata?.user_ref ?? parameters.email}));
  openFrame({container, frame: "identity-frame-component", src: `${base}/sdk/frame?${query}`, allow: generation.allow});
}

announce();
if (!globalThis.loadingOverlay) globalThis.loadingOverlay = overlay;
globalThis.IdentityKYC = {verify};
