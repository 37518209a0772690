# What an output says once its reasoning is taken off, by the marks of whichever model wrote it.

THINK_TAGS = "think|thinking|thoughts?|reasoning|reflection|scratchpad"
REASONING_MARK = pattern(
    "|".join(
        [
            rf"<(?P<tag_slash>/?)(?P<tag>(?:\w{{1,12}}:)?(?:{THINK_TAGS}))(?:\s[^<>]{{0,80}})?>",
            r"\[(?P<square_slash>/?)THINK\]",
            r"◁(?P<triangle_slash>/?)think▷",
            r"<\|channel\|>\s{0,3}(?P<channel>\w{1,20})(?:[^<]|<\|constrain\|>){0,80}<\|message\|>",
            r"<\|(?P<pipe_start>START|begin_of)_(?:THINKING|thought)\|>",
            r"<\|(?:END|end_of)_(?:THINKING|thought)\|>",
            r"(?P<gemma_start><\|channel>thought)",
            r"<channel\|>",
            r"(?P<bare_start>^\s{0,20}analysis(?=\w))",
            r"(?P<bare_end>assistantfinal)",
        ]
    ),
    re.I,
)
BEGINS_BARE = pattern(r"^\s{0,20}analysis\w", re.I)
ENDS_BARE = pattern(r"assistantfinal", re.I)


def outside_reasoning(text):
    said, start = "", 0
    for mark in reasoning_marks(text):
        if mark["start"] < start:
            continue
        said = said + text[start : mark["start"]] if mark["opens"] else ""
        start = mark.get("ends_at", len(text)) if mark["opens"] else mark["end"]
    return said + text[start:]


def reasoning_marks(text):
    # Two ordinary words are marks only where both stand; one between backticks is spoken of.
    is_bare = holds(BEGINS_BARE, text) and holds(ENDS_BARE, text)
    marks = [
        {"start": found.start(), "end": found.end(), **mark_kind(found)}
        for found in REASONING_MARK.finditer(text)
        if (is_bare or not (found["bare_start"] or found["bare_end"]))
        and not (text[found.start() - 1 : found.start()] == "`" == text[found.end() : found.end() + 1])
    ]
    next_end, any_end = {}, None
    for mark in reversed(marks):
        if not mark["opens"]:
            next_end[mark["name"]] = any_end = mark["end"]
        elif next_end.get(mark["name"], any_end) is not None:
            mark["ends_at"] = next_end.get(mark["name"], any_end)
    return marks


def mark_kind(found):
    slash = next((found[name] for name in ("tag_slash", "square_slash", "triangle_slash") if found[name] is not None), None)
    if slash is not None:
        return {"opens": slash == "", "name": (found["tag"] or "think").lower()}
    # What comes in Harmony's last channel is said; what comes in any other is not.
    if found["channel"] is not None:
        return {"opens": found["channel"].lower() != "final", "name": "channel"}
    return {"opens": any(found[name] for name in ("pipe_start", "gemma_start", "bare_start")), "name": "other"}
