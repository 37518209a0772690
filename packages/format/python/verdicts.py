# Verdicts such as yes, no, true or maybe.

OPPOSITE = {"true": "false", "false": "true"}
# Verdicts on a claim and answers to a question say the same.
ALIKE = {"true": "yes", "false": "no", "yes": "true", "no": "false"}
# An answer that opens with one of these says it, in the languages that models answer in.
OPENING = [
    (
        "yes",
        pattern(
            r"^(?:yes|yeah|yep|indeed|of course|certainly|absolutely|ja|jawohl|oui|sí|sì|sim|да|evet|tak|はい|ええ|네|예|是的?|对|對|نعم|हाँ|हां)"
            r"(?=[\s.,;:!。，、！]|$)"
        ),
    ),
    (
        "no",
        pattern(
            r"^(?:no|nope|nah|not at all|certainly not|nein|non|não|нет|hayır|nie|いいえ|아니[요오]|아뇨|不是的?|不对|不對|لا|नहीं)(?=[\s.,;:!。，、！]|$)"
        ),
    ),
]
OPENING_MARKS = pattern(r"""^[*_"'(]+""")
ANNOUNCEMENT = pattern(
    r"\b(?:answer|verdict|conclusion|claim|statement|label|judg(?:e)?ment)\b(?:\s+(?:is|would be|to the question|therefore|thus))*"
    r"""\s*(?:[:=-]\s*)?[*_"'(]*$"""
)
VERDICT_WORDS = {
    **{"correct": "true", "accurate": "true", "right": "true"},
    **{"incorrect": "false", "inaccurate": "false", "untrue": "false", "wrong": "false"},
    **{"possibly": "maybe", "perhaps": "maybe", "inconclusive": "maybe", "unclear": "maybe", "uncertain": "maybe", "mixed": "maybe"},
    **{"true": "true", "false": "false", "supported": "true", "confirmed": "true"},
    **{"refuted": "false", "debunked": "false", "unfounded": "false", "the case": "true"},
}
PREDICATE = pattern(
    r"(?:^|[.!?\n]\s{0,4}|\b(?:is|are|was|were|be|it['’]s|that['’]s|not|isn['’]t|been|entirely|fully|completely|largely|factually)\s)"
    rf"""[*_"'(]{{0,4}}({'|'.join(VERDICT_WORDS)})(?=[*_"')]{{0,4}}(?:[.,;!:\n]|$))"""
)
SAYS_NOTHING = pattern(
    r"^\s+(?:idea|clue|information|knowledge|data|context|details?|opinion|way (?:of|to)|doubt|answer|mention)\b"
)
OFFERING = pattern(r"(?:\bor|\/)\s*$")
LETTER_OR_DIGIT = pattern(r"[\p{L}\p{N}]")
SET_OFF = pattern(r"^\s*(?:$|[^\s\p{L}\p{N}])")
WORD_FOLLOWS = pattern(r"^\s+[\p{L}]")

Mention = collections.namedtuple("Mention", "verdict opens announced is_last_line determines")


def read_verdict(output, verdicts):
    """The verdict that an output opens with, announces last, ends in, or alone mentions; None where there is none."""
    text = output.lower()
    if not holds(LETTER_OR_DIGIT, text):
        return None
    mentions = mentions_of(text, verdicts)
    decisive = (
        next((one for one in mentions if one.opens), None)
        or next((one for one in reversed(mentions) if one.announced), None)
        or next((one for one in mentions if one.is_last_line), None)
    )
    if decisive:
        return decisive.verdict
    strong = [one for one in mentions if not one.determines]
    distinct = list(dict.fromkeys(one.verdict for one in strong or mentions))
    if distinct:
        return distinct[0] if len(distinct) == 1 else None
    meant = meant_verdict(text) or opening_verdict(text)
    return next((each for each in (meant, ALIKE.get(meant)) if each is not None and each in verdicts), None)


def opening_verdict(text):
    head = OPENING_MARKS.sub("", text.lstrip(SPACES))
    for verdict, words in OPENING:
        found = words.search(head)
        if found:
            return None if holds(SAYS_NOTHING, head[found.end() :]) else verdict
    return None


def meant_verdict(text):
    """The verdict that other words of an output say; the last of them counts."""
    found = list(PREDICATE.finditer(text))
    if not found:
        return None
    meant = VERDICT_WORDS[found[-1][1]]
    return OPPOSITE.get(meant) if is_denied(text, found[-1].start(1), found[-1].end(1)) else meant


@functools.lru_cache(maxsize=64)
def verdict_patterns(verdicts):
    word = rf"(?:{'|'.join(verdicts)})"
    return (
        pattern(rf"(?<![\p{{L}}\p{{N}}]){word}(?![\p{{L}}\p{{N}}])"),
        pattern(rf"^\s*(?:\/|or\b|and\b|,)\s*(?:or\s+)?{word}(?![\p{{L}}\p{{N}}])"),
    )


def mentions_of(text, verdicts):
    word, offered = verdict_patterns(tuple(verdicts))
    mentions = []
    for found in word.finditer(text):
        start, end = found.span()
        rest, head = after(text, end, 60), text[:start]
        verdict = OPPOSITE.get(found[0]) if is_denied(text, start, end) else found[0]
        if verdict not in verdicts or (found[0] == "no" and holds(SAYS_NOTHING, rest)):
            continue
        # "yes or no" repeats the question.
        stands = not (holds(offered, rest) or holds(OFFERING, before(text, start, 12)))
        line = head[head.rfind("\n") + 1 :]
        mentions.append(
            Mention(
                verdict=verdict,
                opens=stands and not holds(LETTER_OR_DIGIT, head) and holds(SET_OFF, rest),
                announced=stands and holds(ANNOUNCEMENT, before(text, start, 60)),
                is_last_line=stands and not holds(LETTER_OR_DIGIT, line) and not holds(LETTER_OR_DIGIT, text[end:]),
                determines=found[0] == "no" and holds(WORD_FOLLOWS, rest),
            )
        )
    return mentions
