# Words of a gold that stand apart, in another order or with other endings.

STOP_WORDS = set(
    "in on at of to by for from with and or the a an is was were are be as it its his her their during when into until near about around s".split()
)
SYNONYMS = {
    **{"ft": "foot", "feet": "foot", "jnr": "jr", "junior": "jr", "snr": "sr", "senior": "sr", "km": "kilometre"},
    **{"kilometer": "kilometre", "kilometers": "kilometre", "m": "million", "percent": "%", "saint": "st", "mount": "mt", "doctor": "dr"},
}
SPREAD = 6  # words over which each word of a gold may be spread
LATIN_PLURAL = pattern(r"(?:ss|us|is)$")
ES_PLURAL = pattern(r"(?:[sxz]|ch|sh)es$")
DIGIT = pattern(r"\d")
DIGITS_ALONE = pattern(r"^\d+$")
CAPITAL = pattern(r"^[\p{Lu}]")
LIST_MARK = pattern(r"[,&/]|\sand\s", re.I)
AND_MARK = pattern(r"\sand\s|&", re.I)
ASKS_FOR_TIME = pattern(r"\b(?:when|year|date)\b")
MONTH_NAMES = "january february march april may june july august september october november december".split()
MONTH = pattern("|".join(MONTH_NAMES))
YEAR = pattern(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")


def stem_of(word):
    if word in SYNONYMS:
        return SYNONYMS[word]
    if units_of(word) < 4 or not word.endswith("s") or holds(LATIN_PLURAL, word):
        return word
    if word.endswith("ies") and units_of(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if holds(ES_PLURAL, word) else word[:-1]


def words_at(text):
    """The words of a text with their number and place."""
    start = 0
    for at, word in enumerate(text.split(" ")):
        yield at, word, start, start + len(word)
        start += len(word) + 1


def says_words(text, gold, is_denied):
    """Whether a text says every word of a gold that carries something, near each other, and denies none of them."""
    wanted = {stem_of(word) for word in gold.split(" ") if stem_of(word) not in STOP_WORDS}
    last = {}
    for at, word, start, end in words_at(text) if wanted else ():
        if stem_of(word) in wanted and not is_denied(start, end):
            last[stem_of(word)] = at
            if len(last) == len(wanted) and at - min(last.values()) < len(wanted) * SPREAD + 4:
                return True
    return False


# What a name may stand without: forms of companies and clubs, and who is the younger.
NAME_SUFFIXES = set("inc ltd llc corp co plc gmbh ag fc afc cf jr".split())
OTHER_SUFFIXES = pattern(r"^ (?:jr|sr|ii|iii|iv|\d)(?= |$)")


def says_name(text, gold, is_denied):
    """
    Whether a text says a name as people write it: of three or more words the first and the last side by side, initials for all but
    the last, a middle name in full where the gold has its initial, or the name without its suffix.
    """
    words = gold.split(" ")

    def says(form):
        at = f" {text} ".find(f" {form} ")
        return at >= 0 and not holds(OTHER_SUFFIXES, text[at + len(form) :]) and not is_denied(at, at + len(form))

    last = words[-1]
    if len(words) > 1 and last in NAME_SUFFIXES and says(" ".join(words[:-1])):
        return True
    if not 3 <= len(words) <= 5 or any(holds(DIGIT, word) or word in STOP_WORDS for word in words):
        return False
    if says(f"{words[0]} {last}") or says(f"{''.join(word[:1] for word in words[:-1])} {last}"):
        return True
    if len(words) != 3 or units_of(words[1]) != 1:
        return False
    return holds(pattern(rf"(?:^| ){re.escape(words[0])} {re.escape(words[1])}[\p{{L}}]+ {re.escape(last)}(?: |$)"), text)


def is_same_word(a, b):
    """Whether two words share at least five letters at their beginning, and have at most three behind them."""
    if a == b:
        return True
    if not (a.isascii() and b.isascii()):
        a, b = utf16(a), utf16(b)
    shared = next((i for i, (one, other) in enumerate(zip(a, b)) if one != other), min(len(a), len(b)))
    return shared >= 5 and len(a) - shared <= 3 and len(b) - shared <= 3


def comes_near(text, gold, written, question, is_denied):
    """Whether an answer comes so near to a gold that a reader takes it; words that the question has count for nothing."""
    words = content_of(gold)
    if question == "" or not words:
        return False
    asked = question.split(" ")

    def is_new(word):
        return not any(is_same_word(word, other) for other in asked)

    said = said_words(text, words, is_denied)
    fresh, left = sum(map(is_new, said)), len(words) - len(said)
    if left == 0 and fresh >= 1:
        return True
    is_whole = holds(LIST_MARK, written) or holds(DIGIT, gold)
    if not is_whole and fresh >= 2 and 3 <= len(words) <= 4 and left == 1 and not says_other(text, words, is_new):
        return True
    if len(words) >= 6 and fresh >= 2 and left <= len(words) / 2:
        return True
    if not holds(AND_MARK, written) and is_part_of(text, gold, is_new) and not is_denied(0, len(text)):
        return True
    return holds(ASKS_FOR_TIME, question) and says_year(text, gold)


def says_other(text, words, is_new):
    """Whether a short answer has another word where one of the gold's is left out: "Los Angeles Clippers" are not the Lakers."""
    own = content_of(text)
    return len(own) <= 4 and any(is_new(word) and not any(is_same_word(word, other) for other in words) for word in own)


def content_of(text):
    return [word for word in dict.fromkeys(text.split(" ")) if word != "" and word not in STOP_WORDS]


def said_words(text, words, is_denied):
    last = {}
    for at, word, start, end in words_at(text):
        for wanted in words:
            if is_same_word(word, wanted) and not is_denied(start, end):
                last[wanted] = at
    if not last or max(last.values()) - min(last.values()) >= len(words) * SPREAD + 4:
        return []
    return list(last)


def is_part_of(text, gold, is_new):
    """Whether an answer of a few words is a part of the gold, and says something that the question does not."""
    words, whole = content_of(text), gold.split(" ")
    joined = "".join(words)
    if not words or len(words) > 4 or units_of(joined) < 4 or holds(DIGITS_ALONE, joined):
        return False
    return any(map(is_new, words)) and all(any(is_same_word(word, other) for other in whole) for word in words)


def says_year(text, gold):
    """Whether both have the one same year, and no two months that may differ."""
    own, others = YEAR.findall(text), YEAR.findall(gold)
    return len(own) == len(others) == 1 and own == others and not (holds(MONTH, text) and holds(MONTH, gold))
