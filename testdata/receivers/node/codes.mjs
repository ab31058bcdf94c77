// Decisions of Identitypass, Prembly and Peleza, which use the same codes.
const likeness = 80; // minimum confidence of a face match, in percent

// decide returns the state of a subject from the check's status and code, the face match and the screening hit. confirmed is
// the API's decision. Access requires that all of them are positive.
export function decide({ status, code, face, hit }, current, confirmed) {
  if (hit) return "flagged";
  // Pending never replaces a decision: events have no timestamp, and their order is not guaranteed.
  if (code === "02") return current === "unknown" ? "pending" : undefined;
  if (code === "01") return "rejected";
  // An unknown code is not an approval.
  if (code !== "00" || status !== true) return "review";
  if (current === "flagged") return undefined; // a person must review the hit first
  if (face && !(face.match === true && face.confidence >= likeness && face.code === "00")) return "review";
  if (confirmed !== undefined && confirmed !== "VERIFIED") return "review";
  return "approved";
}
