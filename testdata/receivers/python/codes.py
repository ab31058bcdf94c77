"""What became of a check, as Identitypass, Prembly and Peleza say it: they are one family."""

LIKENESS = 80  # how sure a face must be, in percent


def decide(news, have, says):
    """What becomes of somebody of whom is told: the status and the code of the check, the face if one was compared, and
    whether a screening found something. says is the word of the API. Only what is good in every way gives access.
    """
    if news.get("hit"):
        return "flagged"
    if news["code"] == "02":
        # Nothing is decided yet, which undoes no decision: no event says when it happened, and the order is not promised.
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
    """Whether a face is that of the document: the confidence comes as a number, or as text."""
    try:
        return match is True and float(confidence) >= LIKENESS
    except (TypeError, ValueError):
        return False


def found(answer):
    """What the API says of a check."""
    data = (answer or {}).get("data")
    return (data or {}).get("verification_status", "unknown")
