// --- The page that loaded the script. On a server that renders pages there is none, and nothing is changed ---

const inBrowser = typeof window !== "undefined" && typeof document !== "undefined";

// scriptURL is the URL of this script. If no script tag is being run, as in a module, it is found by its path.
const scriptURL = !inBrowser ? null : new URL(
  document.currentScript?.src
    || [...document.scripts].map((s) => s.src).find((src) => src && new URL(src).pathname.endsWith(served.at))
    || location.href, location.href);

// base is the base URL of the provider on the mock.
const base = !inBrowser ? "" : scriptURL.origin + scriptURL.pathname.slice(0, -served.at.length);

// option returns a query parameter of the page's URL, or else of the script's: idmock_outcome, _subject, _scenario or _pin.
function option(name) {
  for (const url of [new URL(location.href), scriptURL]) {
    const value = url.searchParams.get("idmock_" + name);
    if (value) return value;
  }
  return undefined;
}

// withPass adds the key of the playground's sample, whose origin is opaque, to a query.
function withPass(query) {
  const pass = option("pass") ?? document.querySelector("meta[name=idmock-pass]")?.content;
  if (pass) query.set("idmock_pass", pass);
  return query;
}

// announce logs, once per page and script, that this is not the real script.
function announce() {
  if (!inBrowser) return;
  const announced = window[Symbol.for("idmock")] ??= new Set();
  if (announced.has(served.at)) return;
  announced.add(served.at);
  console.info(`${served.title}: simulated by idmock ${served.version} at ${base}. It uses no camera and verifies no one.`);
}
