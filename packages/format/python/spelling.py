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
LATIN_MARKS = pattern(r"(?<=[\p{Latin}])[\p{M}]+")
HYPHEN = pattern(r"[-\u2010-\u2015\u2212]")
UMLAUT = pattern(r"[äöüøåÄÖÜØÅ]")
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}


def join_initials(text):
    return INITIALS.sub(lambda found: POINTS.sub("", found[0]), text)


def lenient_spelling(text):
    text = ENDING.sub("", ELISION.sub("", CONTRACTED_NOT.sub(" not", APOSTROPHE.sub("'", text))))
    text = SHORT_RANGE.sub(whole_range, join_initials(text))
    text = ROMAN_NUMBER.sub(lambda roman: str(roman_value(roman[0])), text)
    text = MIXED_NUMBER.sub(lambda found: FRACTIONS[found[1] or found[2]], text)
    text = LATIN_MARKS.sub("", unicodedata.normalize("NFD", HYPHEN.sub(" ", text)))
    return in_digits(normalize(unicodedata.normalize("NFC", text).lower().translate(ODD_LETTERS)))


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
