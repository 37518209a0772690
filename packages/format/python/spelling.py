# A text as a lenient reader takes it.

ODD_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
APOSTROPHE = pattern(r"[‘’ʼ´`]")
ELISION = pattern(r"(?<![\p{L}\p{N}])(?:l|d|j|m|t|s|c|n|qu|dell|all|nell|un)'(?=[\p{L}]{2})", re.I)
ENDING = pattern(r"(?<=[\p{L}]{2})'[\p{L}]{1,6}(?![\p{L}])")
CONTRACTED_NOT = pattern(r"(?<=[\p{L}])n't(?![\p{L}])", re.I)
SHORT_RANGE = pattern(r"(?<!\d)(\d\d)(\d\d)\s?[-\u2010-\u2015\u2212]\s?(\d\d)(?![\d/-])")
ROMAN_NUMBER = pattern(r"(?<=[\p{L}] )(?:X{0,3}(?:IX|IV|V?I{2,3}|VI)|X{2,3}V?|XV|X{1,3}I)(?![\p{L}\p{N}.'-])")
ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}
FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75", "1/2": ".5", "1/4": ".25", "3/4": ".75"}
MIXED_NUMBER = pattern(r"(?<=\d)(?:\s?([½¼¾])|\s(1\/2|1\/4|3\/4)(?![\d/]))")
INITIALS = pattern(r"(?<![\p{L}\p{N}])[\p{Lu}]\.(?:\s?[\p{Lu}]\.)+")
POINTS = pattern(r"[.\s]")
LATIN_MARKS = pattern(r"(?<=[\p{Latin}])[\p{M}]+|(?<=[\p{GreekOrCyrillic}])\u0301")
HYPHEN = pattern(r"[-\u2010-\u2015\u2212]")
UMLAUT = pattern(r"[äöüøåÄÖÜØÅ]")
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}


def join_initials(text):
    return INITIALS.sub(lambda found: POINTS.sub("", found[0]), text)


def lenient_spelling(text):
    text = ENDING.sub("", ELISION.sub("", CONTRACTED_NOT.sub(" not", APOSTROPHE.sub("'", text))))
    text = SHORT_RANGE.sub(whole_range, in_one_spelling(join_initials(text)))
    text = ROMAN_NUMBER.sub(lambda roman: str(roman_value(roman[0])), text)
    text = MIXED_NUMBER.sub(lambda found: FRACTIONS[found[1] or found[2]], text)
    text = LATIN_MARKS.sub("", unicodedata.normalize("NFD", HYPHEN.sub(" ", text)))
    return in_digits(normalize(unicodedata.normalize("NFC", text).lower().translate(ODD_LETTERS)))


# What is written in several ways: some letters of it, how it is found, and the one way that it is written here.
ORDINAL_NAMES = "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth".split()
COUNTS = "one two three four five six seven eight nine".split()
PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
SAME_SPELLINGS = [
    ("world war", pattern(r"\b(?:the )?(First|Second) World War\b", re.I), r"World War \1"),
    *[
        (has, pattern(rf"\b{has} ?(?:{words})(?![\p{{L}}\p{{N}}])", re.I), f"World War {number}")
        for has in ("world war", "ww")
        for words, number in (("II|2|Two|Second", 2), ("I|1|One|First", 1))
    ],
    ("united states", pattern(r"\bUnited States(?: of America)?\b"), "Usa"),
    ("us", pattern(r"\bUSA?\b"), "Usa"),
    ("united kingdom", pattern(r"\bUnited Kingdom\b"), "Uk"),
    (" n", pattern(r"(?<=\w )n'?(?= \w)", re.I), "and"),
    ("'n", pattern(r"(?<=\w )'n'?(?= \w)", re.I), "and"),
    ("grey", pattern(r"\bgrey\b", re.I), "gray"),
    ("aluminium", pattern(r"\baluminium\b", re.I), "aluminum"),
    ("tre", pattern(r"\b(thea|cen|me|li|fib|spec|kilome|centime)tre(s?)\b", re.I), r"\1ter\2"),
    (
        "our",
        pattern(r"\b(col|hon|harb|lab|neighb|fav|flav|hum|rum|vap|behavi|arm|parl|sav|tum|vig|splend|od|endeav)our", re.I),
        r"\1or",
    ),
    # Henry the Eighth is Henry VIII. What stands before it is looked at where it is found.
    (" the ", pattern(rf" the ({'|'.join(ORDINAL_NAMES)})(?![\p{{L}}])"), lambda found: king_number(found)),
    *[
        (
            part,
            pattern(rf"\b(an?|{'|'.join(COUNTS)})[ -]{part}s?\b", re.I),
            lambda found, whole=whole: f"{COUNTS.index(found[1].lower()) + 1 if found[1].lower() in COUNTS else 1}/{whole}",
        )
        for part, whole in PARTS.items()
    ],
]
NAME_BEFORE = pattern(r"[\p{Lu}][\p{L}]{1,20}$")


def king_number(found):
    is_named = holds(NAME_BEFORE, before(found.string, found.start(), 42))
    return f" {ORDINAL_NAMES.index(found[1]) + 1}" if is_named else found[0]


def in_one_spelling(text):
    lower = text.lower()
    for has, found, written in SAME_SPELLINGS:
        if has in lower:
            text = found.sub(written, text)
    return text


def whole_range(found):
    century, start, end = found.groups()
    return f"{century}{start} {century}{end}" if end > start else found[0]


def roman_value(roman):
    digits = [ROMAN_DIGITS[letter] for letter in roman] + [0]
    return sum(-digit if digit < behind else digit for digit, behind in zip(digits, digits[1:]))


def lenient_spellings(gold):
    """The lenient spellings of a gold: those of its letters with marks, which may also be written as two."""
    plain = unicodedata.normalize("NFC", gold)
    paired = UMLAUT.sub(lambda letter: UMLAUTS[letter[0].lower()], plain)
    return [lenient_spelling(gold)] + ([] if paired == plain else [lenient_spelling(paired)])
