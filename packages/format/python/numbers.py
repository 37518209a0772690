# Numbers in words, in digits.

SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBER_WORDS = {**{word: i for i, word in enumerate(SMALL)}, **{word: 20 + 10 * i for i, word in enumerate(TENS)}}
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9}
IRREGULAR = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
ORDINALS = {
    **{word: i for i, word in enumerate(IRREGULAR)},
    **{f"{word}th": 13 + i for i, word in enumerate(SMALL[13:])},
    **{f"{word[:-1]}ieth": 20 + 10 * i for i, word in enumerate(TENS)},
}
# Of other languages, without accents; those that are another word in one of them are left out.
FOREIGN_NUMBERS = {
    word: int(value)
    for value, *words in map(
        str.split,
        [
            "2 zwei deux duas twee dwa deva два две dva iki",
            "3 drei trois tres drie trzy три tri uc",
            "4 vier quatre cuatro quattro quatro cztery четыре dort",
            "5 funf cinq cinco cinque vijf piec пять bes",
            "6 sechs seis zes szesc шесть",
            "7 sieben sept siete sette sete zeven siedem семь yedi",
            "8 acht huit ocho oito osiem восемь sekiz",
            "9 neun nueve negen dziewiec девять dokuz",
            "10 zehn dix diez dieci tien dziesiec десять",
            "12 zwolf douze doce dodici doze twaalf tolv dwanascie двенадцать",
            "20 zwanzig vingt veinte venti vinte twintig tjugo dwadziescia двадцать yirmi",
            "30 dreissig trente treinta trenta trinta dertig trettio тридцать otuz",
            "40 vierzig quarante cuarenta quaranta quarenta veertig fyrtio сорок",
            "50 funfzig cinquante cincuenta cinquanta cinquenta vijftig femtio пятьдесят",
            "60 sechzig soixante sesenta sessanta sessenta zestig sextio шестьдесят",
            "70 siebzig setenta settanta zeventig sjuttio семьдесят",
            "80 achtzig ochenta ottanta oitenta tachtig attio восемьдесят",
            "90 neunzig noventa novanta negentig nittio девяносто",
            "100 hundert ciento honderd сто yuz",
        ],
    )
    for word in words
}
GERMAN_COMPOUND = pattern(
    r"^(ein|zwei|drei|vier|funf|sechs|sieben|acht|neun|een|twee|drie|vijf|zes|zeven|negen)(?:und|en)(.+)$"
)
SCALES_BEHIND_DIGITS = {
    word: float(scale)
    for scale, *words in map(
        str.split,
        [
            "1e3 thousands tausend mil mille mila duizend tusen тысяча тысячи тысяч тыс 千",
            "1e4 万 萬",
            "1e6 millions mio millionen millon millones milione milioni milhao milhoes miljoen miljoner miljon milion milionow миллион миллиона миллионов млн 百万",
            "1e8 亿 億",
            "1e9 billions mrd milliarde milliarden milliard milliards miliardo miliardi miljard miljarder miliard miliardow bilhao bilhoes миллиард миллиарда миллиардов млрд",
        ],
    )
    for word in words
}
HAN_DIGITS = {**{sign: value for value, sign in enumerate("〇一二三四五六七八九")}, "零": 0, "两": 2, "兩": 2}
HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
HAN_SCALES = {"万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}

STARTS_WITH_DIGIT = pattern(r"^-?\d")
COMMA_GROUPS = pattern(r"^-?\d{1,3}(?:[,']\d{3})+(?:\.\d+)?$")
POINT_GROUPS = pattern(r"^-?\d{1,3}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d+)$")
PLAIN_DIGITS = pattern(r"^(-?)(\d+)(?:\.(\d*))?$")
ORDINAL_DIGITS = pattern(r"^(\d+)(?:st|nd|rd|th)$")


def in_digits(text):
    """A normalised text with its numbers and ordinals in digits."""
    words, written, at = text.split(" "), [], 0
    while at < len(words):
        token, end = (read_number(words, at) if may_begin_number(words[at]) else None) or (words[at], at + 1)
        written.append(token)
        at = end
    return " ".join(written)


def may_begin_number(word):
    return (
        holds(STARTS_WITH_DIGIT, word)
        or word in NUMBER_WORDS
        or word in ORDINALS
        or word in SCALES
        or word == "hundred"
        or foreign_number(word) is not None
        or word in HAN_DIGITS
        or word in HAN_UNITS
    )


def read_number(words, at):
    """The number that begins at a word in digits, an ordinal with "th" behind it, and where it ends; None for none."""
    ordinal = ORDINALS.get(words[at], digits_of_ordinal(words[at]))
    if ordinal is not None:
        return f"{number_text(ordinal)}th", at + 1
    digits = read_digits(words[at])
    if digits is None and foreign_number(words[at]) is not None:
        digits = str(foreign_number(words[at]))
    if digits is not None:
        return with_scale(digits, words, at + 1)
    return read_han_number(words, at) or read_words(words, at)


def foreign_number(word):
    if word in FOREIGN_NUMBERS:
        return FOREIGN_NUMBERS[word]
    compound = GERMAN_COMPOUND.search(word)
    tens = compound and FOREIGN_NUMBERS.get(compound[2])
    units = compound and FOREIGN_NUMBERS.get(compound[1], 1 if compound[1] in ("ein", "een") else None)
    return tens + units if tens is not None and units is not None and tens >= 20 else None


def with_scale(digits, words, end):
    word = words[end] if end < len(words) else ""
    scale = SCALES.get(word, SCALES_BEHIND_DIGITS.get(word))
    return (digits, end) if scale is None else (number_text(float(f"{float(digits) * scale:.15g}")), end + 1)


def read_digits(word):
    if not holds(STARTS_WITH_DIGIT, word):
        return None
    if holds(COMMA_GROUPS, word):
        plain = re.sub("[,']", "", word)
    elif holds(POINT_GROUPS, word):
        plain = word.replace(".", "").replace(",", ".")
    else:
        plain = word.replace(",", ".", 1)
    found = PLAIN_DIGITS.search(plain)
    if not found:
        return None
    decimals = (found[3] or "").rstrip("0")
    return f"{found[1]}{found[2].lstrip('0') or '0'}{'.' + decimals if decimals else ''}"


def digits_of_ordinal(word):
    found = ORDINAL_DIGITS.search(word)
    return float(found[1]) if found else None


def read_words(words, start):
    total, current, room, at = 0.0, 0.0, 100, start
    # What may come next: nothing below a hundred after a unit, a unit after a ten.
    while at < len(words):
        word = words[at]
        unit, ordinal = NUMBER_WORDS.get(word), ORDINALS.get(word)
        if unit is not None and (unit < room or (room == 10 and 0 < unit < 10)):
            current += unit
            room = 10 if unit >= 20 else 0
        elif ordinal is not None and at > start and ordinal < room:
            return f"{number_text(total + current + ordinal)}th", at + 1
        elif word == "hundred" and current < 100:
            current, room = (current or 1) * 100, 100
        elif word in SCALES and word != "bn" and (current > 0 or at == start):
            total += (current or 1) * SCALES[word]
            current, room = 0.0, 100
        elif not (word == "and" and room == 100 and at > start and at + 1 < len(words) and words[at + 1] in NUMBER_WORDS):
            break
        at += 1
    return None if at == start else (number_text(total + current), at)


def read_han_number(tokens, start):
    total, section, digit, has_unit, at = 0.0, 0.0, 0, False, start
    while at < len(tokens):
        token = tokens[at]
        if token in HAN_DIGITS:
            digit = HAN_DIGITS[token]
        elif token in HAN_UNITS:
            section, digit, has_unit = section + (digit or 1) * HAN_UNITS[token], 0, True
        elif token in HAN_SCALES and at > start:
            total, section, digit, has_unit = total + (section + digit) * HAN_SCALES[token], 0.0, 0, True
        else:
            break
        at += 1
    return (number_text(total + section + digit), at) if has_unit and at - start > 1 else None


def number_text(number):
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e21 else repr(float(number))
