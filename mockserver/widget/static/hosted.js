// --- Forms in a frame of another page, which posts their result as a message ---

// overlay is the loading overlay of those scripts: activate() covers the page and returns a handle, cancel(handle) ends it.
function overlay() {
  return {
    activate() {
      const box = element("div", {role: "status", "aria-label": "Loading", "data-idmock-overlay": true});
      box.style.cssText = "position:fixed;inset:0;z-index:2147483646;background:rgba(0,0,0,.35)";
      document.body.append(box);
      return box;
    },
    cancel(handle) { handle?.remove(); },
  };
}

// openFrame covers the page with a frame and returns its container.
function openFrame({container, frame, src, allow}) {
  const box = element("div", {id: container}, element("iframe", {id: frame, src, allow, title: served.title + ", simulated by idmock"}));
  box.style.cssText = "position:fixed;inset:0;z-index:2147483647;background:transparent";
  box.firstChild.style.cssText = "width:100%;height:100%;border:0";
  document.body.append(box);
  return box;
}

// withOptions copies the options in the page's URL to the query of a frame.
function withOptions(query) {
  for (const name of ["outcome", "subject", "scenario"]) {
    const value = option(name);
    if (value) query.set("idmock_" + name, value);
  }
  return withPass(query);
}

// completeForm ends the form in a frame: it asks for the outcome unless that is decided already, calls the operation that sends the
// webhook, and returns the response. requestBody returns the body of the request for the name of an outcome.
async function completeForm({account, operation, path, run, subject, text, requestBody}) {
  const offer = await fetchOffer(account, [operation], subject, run);
  const requested = option("outcome");
  let outcome = requested === undefined ? undefined : findOutcome(offer, requested);
  if (!outcome && !offer.decided) {
    const dialog = new Dialog(document.body.appendChild(element("div")));
    const {choice} = await dialog.ask({title: served.title, text, submitLabel: "Complete the verification", closable: true,
      submits: findOutcome(offer, "success"), outcomes: offer.outcomes.filter((o) => o.name !== "success")});
    outcome = choice === true ? findOutcome(offer, "success") : choice ?? findOutcome(offer, "cancelled");
    dialog.close();
  }
  const response = await call(path, requestBody(outcome?.name));
  if (!response.ok) throw new Error(`idmock: ${path} responded with ${response.status}: ${JSON.stringify(response.body)}`);
  return response.body;
}
