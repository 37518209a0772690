# An answer as it is compared: SQuAD's normalisation (Rajpurkar et al. 2016) for every script, which keeps marks between digits.

ARTICLE = pattern(r"(?<![\p{L}\p{N}\p{M}_])(?:a|an|the)(?![\p{L}\p{N}\p{M}_])")
FRACTION_BEHIND_DIGIT = pattern(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e\u2189])")
DASH = pattern(r"[\u2010-\u2015\u2212]")
THOUSANDS = pattern(r"(?<=\d),(?=\d{3}(?:\D|$))")
MARK = pattern(r"(?<!\d)[.,:/-]|[.,:/-](?!\d)|(?![.,:/-])[\p{P}\p{S}]")
WHITE = pattern(r"\s+")


def normalize(text, articles=False):
    """Lower case without punctuation, and without English articles unless they are kept."""
    text = markless(text)
    return trim(WHITE.sub(" ", text if articles else ARTICLE.sub(" ", text)))


def markless(text):
    text = unicodedata.normalize("NFKC", FRACTION_BEHIND_DIGIT.sub(" ", text)).replace("\u2044", "/")
    text = THOUSANDS.sub("", DASH.sub("-", text).lower())
    return MARK.sub(lambda mark: "" if mark[0] in "'’`´" else " ", text)
