"""Decisions of Identitypass, Prembly and Peleza, which use the same codes."""

LIKENESS = 80  # minimum confidence of a face match, in percent


def decide(news, have, says):
    """Decide the state of a subject from the check's status and code, the face match and the screening hit. says is the
    API's decision. Access requires that all of them are positive.
    """
    if news.get("hit"):
        return "flagged"
    if news["code"] == "02":
        # Pending never replaces a decision: events have no timestamp, and their order is not guaranteed.
        return "pending" if have == "unknown" else None
    if news["code"] == "01":
        return "rejected"
    if news["code"] != "00" or news["status"] is not True:
        return "review"  # a code that is newer than this receiver is not known to be good
    if have == "flagged":
        return None  # a person has to look first
    if news.get("face") and not alike(*news["face"]):
        return "review"
    if says not in (None, "VERIFIED"):
        return "review"
    return "approved"


def alike(match, confidence):
    """Report whether the face matches the document. The confidence is a number or text."""
    try:
        return match is True and float(confidence) >= LIKENESS
    except (TypeError, ValueError):
        return False


def found(answer):
    """Return the API's decision for a check."""
    data = (answer or {}).get("data")
    return (data or {}).get("verification_status", "unknown")
