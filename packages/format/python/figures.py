# Figures by value, tolerance and unit.

FIGURE = pattern(
    r"(?P<open>\()?\s?(?P<sign>[-–−+])?\s?(?P<currency>[$€£¥]|\b(?:usd|eur|gbp)\s)?\s?(?P<inner>[-–−])?"
    r"(?<!\d)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?P<exponent>e[+-]?\d+)?"
    r"\s?(?P<scale>hundred|thousand|million|billion|trillion|mn|bn|tn|[kmb]|[x×])?(?![\p{L}\d])"
    r"\s?(?P<percent>%|percent\b|per cent\b|pct\b|percentage points?\b|basis points?\b|bps?\b)?(?P<close>\))?",
    re.I,
)
FIGURE_SCALES = {
    **{"hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6},
    **{"billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12},
}
WORD_SIGN = pattern(r"[\p{L}\d_]")
JOINING = pattern(r"[\p{L}\d)%]$")
SUBTRACTED = pattern(r"[\d)%]\s$")
BRACKETS_ALONE = pattern(r"^\(\s?[$€£¥]?\s?[\d.,]+\s?(?:%|[a-z]+)?\)$", re.I)
DECREASE = pattern(r"\b(?:decreas|declin|drop|fell|fall|reduc|lower|loss|down|less|negative|minus)", re.I)
LOSS_OF = pattern(
    r"\b(?:(?:decrease|decline|drop|fall|reduction|loss) of|(?:decreased|declined|dropped|fell|reduced|down)(?: by)?)"
    r"(?: (?:about|around|approximately|roughly|some|nearly|only))?[\s($€£¥~≈-]*$",
    re.I,
)
CONCLUSION = pattern(
    r"(?:\b(?:answer|result|total)\b[^.\n]{0,40}?\b(?:is|was|of)\b|answer\s*:|=|≈|\b(?:therefore|thus|hence)\b,?)", re.I
)
COPULA = pattern(r"\b(?:is|was|were|are|be|equals?|of|by|to)\b|[:=≈]", re.I)
COMPARING = pattern(r"\b(?:from|than|against|versus|vs\.?|compared (?:to|with)|relative to)[\s($€£¥~≈-]*$", re.I)

Figure = collections.namedtuple("Figure", "value mantissa scale decimals unit at")


def figures_of(text):
    """Every figure of a text, in order; a digit inside a word, such as "Q4", does not count."""
    figures = []
    for found in FIGURE.finditer(text):
        digits, at = found["digits"], found.start() + found[0].find(found["digits"])
        if at > 0 and holds(WORD_SIGN, text[at - 1]):
            continue
        sign_at = found.start() + found[0].find(found["sign"] or "")
        is_negative = is_minus(text, sign_at, found["sign"]) or found["inner"] is not None
        is_bracketed = bool(found["open"] and found["close"]) and holds(BRACKETS_ALONE, trim(found[0]))
        # A basis point is a hundredth of a per cent.
        is_basis_points = (found["percent"] or "")[:1].lower() == "b"
        size = float(digits.replace(",", "") + (found["exponent"] or "")) / (100 if is_basis_points else 1)
        mantissa = -size if is_negative or is_bracketed else size
        scale = FIGURE_SCALES.get((found["scale"] or "").lower(), 1)
        decimals = (len(digits) - digits.index(".") - 1 if "." in digits else 0) + (2 if is_basis_points else 0)
        unit = "percent" if found["percent"] else "currency" if found["currency"] else None
        figures.append(Figure(mantissa * scale, mantissa, scale, decimals, unit, at))
    return figures


def is_minus(text, at, sign):
    """Whether a sign makes a figure negative: not where it joins or subtracts, as in "2013-2014" and "5 - 3"."""
    if sign is None or sign == "+" or holds(JOINING, text[max(0, at - 1) : at]):
        return False
    return not (holds(SUBTRACTED, text[max(0, at - 2) : at]) and text[at + 1 : at + 2] == " ")


def figures_agree(gold, answer):
    if gold.unit and answer.unit and gold.unit != answer.unit:
        return False
    decimals = min(gold.decimals, answer.decimals)
    if is_close(gold.value, answer.value, decimals):
        return True
    if (gold.scale == 1 or answer.scale == 1) and is_close(gold.mantissa, answer.mantissa, decimals):
        return True
    # A report's tables are in units, thousands or millions, and an answer is rounded in its own scale.
    tables = (1, 1e3, 1e6) if gold.scale == 1 and answer.scale > 1 and gold.unit != "percent" else ()
    if any(is_close(gold.value * table / answer.scale, answer.mantissa, answer.decimals) for table in tables):
        return True
    if answer.unit == "percent" and gold.unit is None:
        return is_share(gold, answer)
    return gold.unit == "percent" and answer.unit is None and is_share(answer, gold)


def is_share(share, percent):
    return is_close(share.value * 100, percent.value, min(max(0, share.decimals - 2), percent.decimals))


def is_close(gold, answer, decimals):
    difference, slack, unit = abs(gold - answer), 1e-9 * max(1, abs(gold)), 10.0**-decimals
    if difference <= slack:
        return True
    if difference > 0.01 * abs(gold):
        return False
    # Rounding costs half a unit of the last place that both write, cutting off nearly a whole one towards zero.
    has_same_sign = (answer > 0) - (answer < 0) == (gold > 0) - (gold < 0)
    is_cut = has_same_sign and abs(answer) < abs(gold) and difference < unit
    return difference <= unit / 2 + slack or is_cut


def states_figure(golds, output, question):
    """Whether an output states a gold figure: the one that its last conclusion ends in, else any of its figures."""
    wanted = [figure for gold in golds for figure in figures_of(gold)[:1]]
    if not wanted or trim(output) == "":
        return states_text(golds, output, "")
    if not figures_of(output):
        output = in_words(output)
    figures, cues = figures_of(output), list(CONCLUSION.finditer(output))
    concluded = concluded_figures(output, figures, cues[-1].end()) if cues else []
    candidates = concluded[:1] or stated_figures(output, figures)
    return any(says_figure(gold, answer, output, question) for gold in wanted for answer in candidates)


NO_CHANGE = pattern(r"\b(?:no change|unchanged|(?:did not|didnt) change)\b")


def in_words(output):
    """An answer without digits, its numbers in digits: "five", "There was no change"."""
    return NO_CHANGE.sub("0", in_digits(normalize(output)), count=1)


def says_figure(gold, answer, output, question):
    is_loss = answer.value > 0 and holds(LOSS_OF, before(output, answer.at, 60))
    if gold.value > 0 and is_loss and not holds(DECREASE, question):
        return False
    if figures_agree(gold, answer):
        return True
    negated = gold._replace(value=-gold.value, mantissa=-gold.mantissa)
    return gold.value < 0 and answer.value > 0 and holds(DECREASE, output) and figures_agree(negated, answer)


def concluded_figures(output, figures, start):
    """Figures behind a conclusion; the ones behind "was" and the like before those in passing, and years last."""
    behind = [figure for figure in figures if figure.at >= start]
    verb = COPULA.search(output[start:])
    said = start + verb.end() if verb else start
    return sorted(behind, key=lambda figure: is_year(figure) or figure.at < said)


def stated_figures(output, figures):
    """Figures that may be the answer: years and what is compared with where there is nothing else."""
    stated = [one for one in figures if not is_year(one) and not holds(COMPARING, before(output, one.at, 20))]
    return stated or figures


def is_year(figure):
    is_plain = figure.unit is None and figure.scale == 1 and figure.decimals == 0
    return is_plain and float(figure.value).is_integer() and 1800 <= figure.value <= 2100
