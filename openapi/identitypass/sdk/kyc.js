// --- A stand-in for IdentityKYC, the first generation: it goes as in the later ones, whose source is public ---

const container = "identity-frame-container";

// wrong finds the first parameter that the real script would not take.
function wrong(parameters) {
  const missing = ["first_name", "last_name", "email", "merchant_key"].find((name) => !parameters[name]);
  if (missing) return `${missing} is required`;
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(parameters.email) ? undefined : "Email is not valid";
}

// listen hands what the frame says to the callback. As in the later generations the listener stays for ever, so that a
// page that calls verify twice is called back twice.
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
  if (param) return refuse({code: "E00", message: JSON.stringify(parameters), data: {param}});
  let answer;
  try {
    answer = await call("/sdk/checkout", {first_name: parameters.first_name, last_name: parameters.last_name, email: parameters.email,
      public_key: parameters.merchant_key, user_ref: parameters.user_ref, is_test: parameters.is_test});
  } catch (failed) { // what the real script says then is not known
    return refuse({code: "E00", message: String(failed)});
  }
  if (answer.status !== 200) return refuse({code: "E00", message: answer.body.detail ?? answer.body.message});
  loading.cancel(handle);
  document.getElementById(container)?.remove();
  const query = wishes(new URLSearchParams({session: answer.body.reference, key: parameters.merchant_key,
    subject: parameters.user_ref ?? parameters.email}));
  openFrame({container, frame: "identity-frame-component", src: `${base}/sdk/frame?${query}`, allow: "camera; microphone"});
}

standIn();
if (!globalThis.loadingOverlay) globalThis.loadingOverlay = overlay;
globalThis.IdentityKYC = {verify};
