# The rewards.

RESPONSE_MARK = "## Response:"
YES_NO = ("yes", "no")


def score(output, golds, kind="text", options=(), question=""):
    """
    Whether an output is right, as rag-instruct's scorer (scoreItem) says it.

    golds: the answers that are right; of a choice their letters. kind: "text", "choice", "verdict" or "figure". options: the
    choices without their letters, or the verdicts that may be given. question: by it a reader overlooks what it says already.
    """
    golds, options, answer = list(golds), list(options), outside_reasoning(output)
    # Models that were trained with the heading may repeat it, the prompt in front of it.
    answer = answer[answer.rfind(RESPONSE_MARK) + len(RESPONSE_MARK) :] if RESPONSE_MARK in answer else answer
    if not golds:
        raise ValueError("a gold answer is needed to score an output")
    if kind == "choice":
        return read_choice(answer, options) in golds
    if kind == "verdict":
        return read_verdict(answer, options) in [gold.lower() for gold in golds]
    if kind not in ("text", "figure"):
        raise ValueError(f'kind is "text", "choice", "verdict" or "figure", not {kind!r}')
    if all(gold.lower() in YES_NO for gold in golds):
        return read_verdict(answer, YES_NO) in [gold.lower() for gold in golds]
    return states_figure(golds, answer, question) if kind == "figure" else states_text(golds, answer, question)


def reward(completions, ground_truth, kind, options, question, aliases=None, **columns):
    """TRL's reward function: 1 for a completion that is right, 0 for any other."""
    aliases = aliases if aliases is not None else [[] for _ in ground_truth]
    rows = zip(completions, ground_truth, aliases, kind, options, question)
    return [
        float(score(said(completion), [gold, *others], each, () if choices is None else choices, asked or ""))
        for completion, gold, others, each, choices, asked in rows
    ]


def said(completion):
    """The text of a completion, which is a string or the turns of a conversation; the last turn may come in parts."""
    if isinstance(completion, str):
        return completion
    content = (completion[-1].get("content") if completion else None) or ""
    return content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **given):
    """verl's reward function: 1 for a solution that is right, 0 for any other."""
    known = extra_info or {}
    aliases, options = known.get("aliases"), known.get("options")
    golds = [ground_truth, *([] if aliases is None else aliases)]
    options = [] if options is None else options
    return float(score(solution_str or "", golds, known.get("kind") or "text", options, known.get("question") or ""))
