// --- Forms that the real scripts open in a frame of another page, which tells by postMessage how it ended ---

// overlay is the loading overlay of those scripts: activate() covers the page and returns a handle, cancel(handle) ends it.
function overlay() {
  return {
    activate() {
      const at = make("div", {role: "status", "aria-label": "Loading", "data-idmock-overlay": true});
      at.style.cssText = "position:fixed;inset:0;z-index:2147483646;background:rgba(0,0,0,.35)";
      document.body.append(at);
      return at;
    },
    cancel(handle) { handle?.remove(); },
  };
}

// openFrame covers the page with a frame and returns its container.
function openFrame({container, frame, src, allow}) {
  const at = make("div", {id: container}, make("iframe", {id: frame, src, allow, title: served.title + ", played by idmock"}));
  at.style.cssText = "position:fixed;inset:0;z-index:2147483647;background:transparent";
  at.firstChild.style.cssText = "width:100%;height:100%;border:0";
  document.body.append(at);
  return at;
}

// wishes hands what the address of the page wants on to a frame.
function wishes(query) {
  for (const name of ["outcome", "subject", "scenario"]) {
    const value = wanted(name);
    if (value) query.set("idmock_" + name, value);
  }
  return query;
}

// conclude is what a frame does: it finds out how the form ends, asking whoever is there unless that is decided already,
// lets the mock tell the webhook, and returns the answer. say makes the request's body of an outcome's name.
async function conclude({account, operation, path, run, subject, text, say}) {
  const offer = await offers(account, [operation], subject, run);
  const named = wanted("outcome");
  let outcome = named === undefined ? undefined : find(offer, named);
  if (!outcome && !offer.decided) {
    const dialog = new Dialog(document.body.appendChild(make("div")));
    const {choice} = await dialog.ask({title: served.title, text, go: "Complete the verification", closable: true,
      becomes: find(offer, "success"), outcomes: offer.outcomes.filter((o) => o.name !== "success")});
    outcome = choice === true ? find(offer, "success") : choice ?? find(offer, "cancelled");
    dialog.close();
  }
  const answer = await call(path, say(outcome?.name));
  if (!answer.ok) throw new Error(`idmock: ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
