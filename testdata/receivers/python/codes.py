"""Decisions of Identitypass, Prembly and Peleza, which use the same codes."""

MIN_CONFIDENCE = 80  # minimum confidence of a face match, in percent


def decide(news, current, confirmed):
    """Decide the state of a subject from the check's status and code, the face match and the screening hit. confirmed is the
    API's decision. Access requires that all of them are positive.
    """
    if news.get("hit"):
        return "flagged"
    if news["code"] == "02":
        # Pending never replaces a decision: events have no timestamp, and their order is not guaranteed.
        return "pending" if current == "unknown" else None
    if news["code"] == "01":
        return "rejected"
    if news["code"] != "00" or news["status"] is not True:
        return "review"  # an unknown code is not an approval
    if current == "flagged":
        return None  # a person must review the hit first
    if news.get("face") and not alike(*news["face"]):
        return "review"
    if confirmed not in (None, "VERIFIED"):
        return "review"
    return "approved"


def alike(match, confidence, code):
    """Report whether the face matches the document. The confidence is a number or text."""
    try:
        return match is True and code == "00" and float(confidence) >= MIN_CONFIDENCE
    except (TypeError, ValueError):
        return False


def decision(response):
    """Return the API's decision for a check."""
    data = (response or {}).get("data")
    return (data or {}).get("verification_status", "unknown")
