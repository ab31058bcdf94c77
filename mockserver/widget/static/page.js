// --- The page that the script is in. Where there is none, because pages are rendered on servers, too, nothing is touched ---

const inBrowser = typeof window !== "undefined" && typeof document !== "undefined";

// scriptURL is where this script was loaded from. A script that was not loaded by a tag is looked for by its path.
const scriptURL = !inBrowser ? null : new URL(
  document.currentScript?.src
    || [...document.scripts].map((s) => s.src).find((src) => src && new URL(src).pathname.endsWith(served.at))
    || location.href, location.href);

// base is where the mock serves this provider.
const base = !inBrowser ? "" : scriptURL.origin + scriptURL.pathname.slice(0, -served.at.length);

// wanted is what the address of the page wants, or else that of the script: ?idmock_outcome=, _subject, _scenario, _pin.
function wanted(name) {
  for (const url of [new URL(location.href), scriptURL]) {
    const value = url.searchParams.get("idmock_" + name);
    if (value) return value;
  }
  return undefined;
}

// standIn says in the console, once a page and script, that this is not the real thing.
function standIn() {
  if (!inBrowser) return;
  const told = window[Symbol.for("idmock")] ??= new Set();
  if (told.has(served.at)) return;
  told.add(served.at);
  console.info(`${served.title}: played by idmock ${served.version} at ${base}. No camera is used and nobody is verified.`);
}
