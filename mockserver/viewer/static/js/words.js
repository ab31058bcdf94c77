// What the journal's words mean, in sentences. No page in here.
import { dateTime, duration, plural } from "./format.js";

const CLASSES = {
  ok: "Accepted: the whole reply arrived in time, with a status that this provider takes.",
  status: "Turned down: a whole reply arrived, with a status that this provider does not take as received.",
  redirect: "Turned down: the receiver pointed elsewhere, and redirects are never followed.",
  timeout: "Too slow: the connection was made, but the whole reply was not there in time.",
  "connect-timeout": "No connection in time: the host does not answer, or something on the way swallows what is sent to it.",
  refused: "Refused: the host is there, but nothing listens on that port.",
  unreachable: "Unreachable: there is no way to that host from here.",
  dns: "Unknown host: the name has no address.",
  tls: "No secure connection: the two sides did not agree on TLS, or the certificate was not believed.",
  reset: "Broken off: the receiver cut the connection.",
  closed: "Cut short: the receiver closed the connection before its reply was whole.",
  malformed: "Not HTTP: the message could not be made or sent, or the reply was not one.",
  blocked: "Blocked: the server's rules forbid that address (see --targets).",
  canceled: "Given up: the server was told to stop.",
  error: "Failed, and for no reason that has a name of its own.",
  dropped: "Dropped: a fault kept it from being sent at all.",
};

/** classInWords says what an attempt's class means. */
export const classInWords = (name) => (Object.hasOwn(CLASSES, name) ? CLASSES[name] : "");

/** whatNext says what becomes of a delivery, and when. hook is how its provider delivers, if known. */
export function whatNext(row, hook) {
  const tries = row.attempts.length || row.tried || 0;
  const most = hook && hook.retry_ms.length + 1;
  switch (row.status) {
    case "planned":
      return `The first attempt goes out at ${dateTime(row.due)}.` + (most > 1 ? ` If it fails, ${again(hook.retry_ms)}.` : most ? " If it fails, it is not tried again." : "");
    case "held":
      return "It is held. Released, it goes out at once" + (row.due ? `, but not before ${dateTime(row.due)}.` : ".");
    case "retrying":
      return `Attempt ${tries + 1}${most >= tries + 1 ? ` of ${most}` : ""} goes out at ${dateTime(row.due)}.`;
    case "delivered":
      return `Nothing: the receiver took attempt ${tries || 1}.`;
    case "exhausted":
      return `Nothing: ${tries === 1 ? "the only attempt" : `all ${plural(tries, "attempt")}`} failed. Put the receiver right, then resend it.`;
    case "dropped":
      return "Nothing: a fault kept it from being sent, and the provider believes that it was.";
    case "unroutable":
      return "Nothing: there was no endpoint for this event. Register one, then play it again.";
    default:
      return "";
  }
}

function again(waits) {
  const all = waits.map((ms) => duration(ms));
  return `it is tried again ${all.length === 1 ? "after" : `${all.length} times, after`} ${new Intl.ListFormat("en", { type: "conjunction" }).format(all)}`;
}
