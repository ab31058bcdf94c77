// --- A replacement of IdentityKYC, generation 1: it behaves as the later ones, whose source is public ---

const container = "identity-frame-container";

// parameterError returns the error of the first parameter that the real script rejects.
function parameterError(parameters) {
  const missing = ["first_name", "last_name", "email", "merchant_key"].find((name) => !parameters[name]);
  if (missing) return `${missing} is required`;
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(parameters.email) ? undefined : "Email is not valid";
}

// listen passes messages of the frame to the callback. As in the later generations, the listener stays: a page that calls
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
  if (param) return reject({code: "E00", message: JSON.stringify(parameters), data: {param}});
  let response;
  try {
    response = await call("/sdk/checkout", {first_name: parameters.first_name, last_name: parameters.last_name, email: parameters.email,
      public_key: parameters.merchant_key, user_ref: parameters.user_ref, is_test: parameters.is_test});
  } catch (failed) { // the real script's message is not known
    return reject({code: "E00", message: String(failed)});
  }
  if (response.status !== 200) return reject({code: "E00", message: response.body.detail ?? response.body.message});
  loading.cancel(handle);
  document.getElementById(container)?.remove();
  const query = withOptions(new URLSearchParams({session: response.body.reference, key: parameters.merchant_key,
    subject: parameters.user_ref ?? parameters.email}));
  openFrame({container, frame: "identity-frame-component", src: `${base}/sdk/frame?${query}`, allow: "camera; microphone"});
}

announce();
if (!globalThis.loadingOverlay) globalThis.loadingOverlay = overlay;
globalThis.IdentityKYC = {verify};
