# Whether the words around a mention deny it: "not B", "rather than B", "B is wrong".

DENIERS = [
    *["not", "never", "neither", "nor", "isnt", "wasnt", "arent", "werent", "cannot be", "cant be"],
    *["couldnt be", "wouldnt be", "shouldnt be"],
    *["rather than", "instead of", "other than", "except", "unlike", "rule out", "ruled out"],
]
BETWEEN_DENIAL = [
    *["be", "in", "by", "from", "at", "on", "of", "to"],
    *["really", "actually", "option", "choice", "answer", "just", "only"],
    *["entirely", "quite", "completely", "fully", "exactly", "necessarily", "strictly", "wholly", "totally", "always"],
]
DENIED_BEFORE = pattern(rf"(?:^| ){any_of(DENIERS)}(?: {any_of(BETWEEN_DENIAL)})*(?: (?:a|an|the))?$")
DENIED_AFTER = pattern(
    r"^ (?:(?:is|was|are|were|would be|seems) )?"
    r"(?:not (?:the )?(?:correct|right|answer|true|it)|(?:false|wrong|incorrect|untrue|ruled out))(?: |$)"
)
NOT_ONLY = pattern(r"(?:^| )not (?:just|only)$")
# "either X or Y", which decides nothing.
EITHER_BEFORE = pattern(r"(?:^| )either(?: (?:a|an|the|in|from))?$")
OR_AFTER = pattern(r"^(?: [^\s]+){0,3} or ")
EITHER_OR_BEFORE = pattern(r"(?:^| )either(?: [^\s]+){1,6} or(?: (?:a|an|the|in|from))?$")
DENIAL_WINDOW = 48
SENTENCE_END = pattern(r"[.!?;\n。！？；](?=\s|$)")
CLAUSE_END = pattern(r"[.!?;\n。！？；](?=\s|$)|,(?=\s)")


def is_denied_between(text, start, end, clause, sentence):
    """For a mention in a normalised text whose clause begins and whose sentence ends at the places given."""
    if start > clause:
        left = text[max(clause, start_of(text, start, DENIAL_WINDOW)) : start - 1].lower()
        if holds(DENIED_BEFORE, left) and not holds(NOT_ONLY, left):
            return True
    stop = min(sentence, len(text))
    return end < stop and holds(DENIED_AFTER, after(text, end, DENIAL_WINDOW)[: stop - end])


def is_one_of_two(text, start, end, clause, sentence):
    """Whether a mention is one of two between which a text does not decide: "either X or Y"."""
    left = text[max(clause, start_of(text, start, DENIAL_WINDOW)) : max(clause, start - 1)].lower()
    right = after(text, end, DENIAL_WINDOW)[: max(0, min(sentence, len(text)) - end)]
    return holds(EITHER_OR_BEFORE, left) or (holds(EITHER_BEFORE, left) and holds(OR_AFTER, right))


def is_denied(text, start, end):
    """For a mention in a text that is not normalised, within its sentence."""
    left, right = before(text, start, DENIAL_WINDOW), after(text, end, DENIAL_WINDOW)
    ends = [found.start() + 1 for found in CLAUSE_END.finditer(left)]
    left = normalize(left[ends[-1] if ends else 0 :])
    right = normalize(SENTENCE_END.split(right, 1)[0])
    at = len(left) + 1 if left else 0
    # Any word will do in the mention's place.
    around = f"{left} x {right}".strip(" ")
    return is_denied_between(around, at, at + 1, 0, len(around))
