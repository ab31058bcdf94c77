// Explanations of the journal's terms. Does not use the DOM.
import { dateTime, duration, plural } from "./format.js";

const STATUSES = {
  planned: "Planned", retrying: "Retrying", held: "Held", delivered: "Delivered", exhausted: "Failed", unroutable: "No endpoint", dropped: "Dropped",
  running: "Running", passed: "Passed", failed: "Failed", untested: "Not tested", stopped: "Stopped", error: "Error",
};

/** statusInWords is the label of the state of a delivery or a conformance run. */
export const statusInWords = (name) => (Object.hasOwn(STATUSES, name) ? STATUSES[name] : String(name ?? ""));

const CLASSES = {
  ok: "Accepted: complete response in time, with a status that this provider accepts.",
  status: "Failed: this provider does not accept the response status.",
  redirect: "Failed: the receiver redirected, and redirects are not followed.",
  timeout: "Timeout: no complete response in time.",
  "connect-timeout": "Connection timeout: the host does not respond, or a firewall drops the packets.",
  refused: "Connection refused: nothing listens on that port.",
  unreachable: "Unreachable: no route to the host.",
  dns: "DNS error: the host name does not resolve.",
  tls: "TLS error: the handshake failed, or the certificate is not trusted.",
  reset: "Connection reset by the receiver.",
  closed: "Truncated: the receiver closed the connection before the response was complete.",
  malformed: "Malformed: the request could not be sent, or the response is not HTTP.",
  blocked: "Blocked: --targets does not allow this address.",
  canceled: "Canceled: the server stopped.",
  error: "Failed with an unclassified error.",
  dropped: "Dropped by a fault before it was sent.",
};

/** classInWords explains an attempt's class. */
export const classInWords = (name) => (Object.hasOwn(CLASSES, name) ? CLASSES[name] : "");

const CAUSES = {
  400: "The receiver could not parse the body, or expects other fields.",
  401: "The receiver rejected the signature or the credentials: compare its secret with the one that signed the request.",
  403: "The receiver rejected the signature, the source address, or a missing CSRF exemption.",
  404: "No route at this path: check the endpoint's URL.",
  405: "The route does not accept this method.",
  413: "The body exceeds the receiver's limit.",
  415: "The receiver does not accept this content type.",
  422: "The receiver parsed the body but rejected its fields.",
  429: "The receiver or a proxy limits the rate.",
  500: "The receiver's handler failed: see its log.",
  502: "A proxy reached no healthy receiver.",
  503: "The receiver or a proxy is overloaded or starting.",
  504: "A proxy gave up waiting for the receiver.",
};

/** causeInWords is the usual cause of a response status, if it has one. */
export const causeInWords = (status) => CAUSES[status] ?? "";

/** whatNext describes the next step of a delivery. hook describes the provider's webhooks, if known. */
export function whatNext(row, hook) {
  const tries = row.attempts.length || row.tried || 0;
  const most = hook && hook.retry_ms.length + 1;
  switch (row.status) {
    case "planned":
      return `First attempt at ${dateTime(row.due)} account time.` + (most > 1 ? ` If it fails, ${again(hook.retry_ms)}.` : most ? " No retries." : "");
    case "held":
      return "Held. After its release it is sent at once" + (row.due ? `, but not before ${dateTime(row.due)} account time.` : ".");
    case "retrying":
      return `Attempt ${tries + 1}${most >= tries + 1 ? ` of ${most}` : ""} at ${dateTime(row.due)} account time.`;
    case "delivered":
      return `None: the receiver accepted attempt ${tries || 1}.`;
    case "exhausted":
      return `None: ${tries === 1 ? "the only attempt" : `all ${plural(tries, "attempt")}`} failed. Fix the receiver, then resend.`;
    case "dropped":
      return "None: a fault dropped it; for the provider, it was sent.";
    case "unroutable":
      return "None: no endpoint was registered for this event. Register one and play again.";
    default:
      return "";
  }
}

function again(waits) {
  const delays = waits.map((ms) => duration(ms));
  return `retries ${delays.length === 1 ? "after" : `${delays.length} times, after`} ${new Intl.ListFormat("en", { type: "conjunction" }).format(delays)}`;
}
