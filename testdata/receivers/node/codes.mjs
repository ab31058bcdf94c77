// What became of a check, as Identitypass, Prembly and Peleza say it: they are one family.
const likeness = 80; // how sure a face must be, in percent

// decide is what becomes of somebody of whom is told: the status and the code of the check, the face if one was compared, and
// whether a screening found something. says is the word of the API. Only what is good in every way gives access.
export function decide({ status, code, face, hit }, have, says) {
  if (hit) return "flagged";
  // Nothing is decided yet, which undoes no decision: no event says when it happened, and the order is not promised.
  if (code === "02") return have === "unknown" ? "pending" : undefined;
  if (code === "01") return "rejected";
  // A code that is newer than this receiver is not known to be good.
  if (code !== "00" || status !== true) return "review";
  if (have === "flagged") return undefined; // a person has to look first
  if (face && !(face.match === true && face.confidence >= likeness)) return "review";
  if (says !== undefined && says !== "VERIFIED") return "review";
  return "approved";
}
