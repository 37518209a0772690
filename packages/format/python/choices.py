# Multiple choice: a letter that is announced or leads wins over an option's text, which wins over a letter in passing.

# What Chinese, Japanese and Korean write behind a letter without a space: "B is", "option B".
EAST_ASIAN_ENDING = "(?:です|でし|だ|が|입니다|이다|이에요|예요|项|項|选项|選項)"
ALONE = rf"([A-Za-z])(?:(?={EAST_ASIAN_ENDING})|(?![\p{{L}}\p{{N}}+#]|['’-][\p{{L}}]))"
ANNOUNCERS = [
    *["answers?", "choices?", "select(?:ed)?", "choose", "pick", "go with"],
    "options? (?:is|are|would be|must be|should be)",
]
BETWEEN_CUE = [
    *["is", "are", "as", "the", "correct", "best", "right", "most", "likely", "appropriate", "final"],
    *["option", "choice", "letter", "answer"],
]
OPENER = r"""[*_("'\[\\{$]{0,9}(?:boxed\{|text\{)*"""
CUE = pattern(
    rf"""\b{any_of(ANNOUNCERS)}\b[*_"'\]]{{0,9}}(?: (?:would|should|must|will))?(?: be|'s)?(?: {any_of(BETWEEN_CUE)}){{0,6}}"""
    rf"[*_]{{0,3}}\s{{0,9}}[:=-]?\s{{0,9}}{OPENER}{ALONE}",
    re.I,
)
EAST_ASIAN_CUE = pattern(
    r"""(?:答案(?:是|为|為|应为|應為|选|選)?|(?:正解|答え|解答|回答|正答)は?|選択肢|(?:정답|답)[은이]?|应该?选择?|选择?|選擇?|选项(?:是|为)|選項(?:是|為))"""
    r"""\s{0,3}[:：]?\s{0,3}[*_(（"'「【]*""" + ALONE
)
BOXED = pattern(rf"boxed\{{\s*(?:\\text\{{\s*)?\(?{ALONE}")
FIELD = pattern(
    r"""["'](?:final_?)?(?:answer|choice|option|label|prediction)(?:_?(?:choice|idx|letter|option|key|label))?["']\s*:\s*["'(]*"""
    + ALONE,
    re.I,
)
SUBJECT = pattern(
    rf"""^\s*(?:[*_("'\[#]|option |choice )*{ALONE}[*_)\]"']* is (?:the )?(?:correct|right|best|answer)""", re.I
)
CALLED = pattern(
    r"""(?<![\p{L}\p{N}])(?<![\p{L}]['’-])([A-Z])[*_)\]"']{0,4} (?:is|would be|must be) (?:(?:clearly|therefore|thus|then) )?(?:the )?"""
    r"(?:(?:most )?(?:likely )?(?:correct|right) (?:answer|choice|option|one)|(?:correct|right)(?:(?=[.,;!\n\r\u2028\u2029])|$)"
    r"|(?:best|final) (?:answer|choice|option)|answer\b)"
)
AFFIRMED = pattern(
    r"(?:(?<![^\n\r\u2028\u2029])|[\s(*])([A-Z])[).:?]{1,2}[*_]{0,2} ?(?:[-–] ?)?(?:(?:[Yy]es|[Cc]orrect|[Rr]ight|[Tt]rue)\b|[✓✔✅☑])"
)
REFUSED = pattern(r"^[*_).:?\]]{1,4} ?(?:[-–] ?)?(?:(?:no|wrong|incorrect|false|not)\b|[✗✘❌✕☒])", re.I)
# "Wait, actually, it is B": a first answer is taken back.
CORRECTED = pattern(
    r"\b(?:wait|actually|correction)\b[,.:!—-]{0,3}(?: (?:no|wait|actually),?){0,2} (?:it is|it's|it should be|it must be|that's|I choose)"
    rf" (?:option )?{OPENER}{ALONE}",
    re.I,
)
# "…, therefore B", at the end.
CONCLUDED = pattern(
    rf"(?:\b(?:therefore|thus|hence|so)\b,?|[:→⇒]) (?:it(?: is|'s) )?(?:option )?{OPENER}{ALONE}"
    r"""[*_)\]"'}$.\s]{0,9}$""",
    re.I,
)
TEXT_CUE = pattern(
    rf"\b(?:answer|choice|option)\b(?: (?:would|should|must|will))?(?: be)?(?: {any_of(BETWEEN_CUE)}){{0,6}}[:=]?\s", re.I
)
TEXT_END = pattern(r"[.!?](?:\s|$)|\n(?=[^\s])")
FULL_WIDTH = pattern(r"[Ａ-Ｚａ-ｚ]")
VERDICT_OPTION = pattern(r"^(?:yes|no|true|false|correct|incorrect|right|wrong)\b", re.I)
ONE_OF_TWO = pattern(
    r"""^[*_)\]"']{0,4} ?(?:or|and|\/|&) ?[*_("'\[]{0,4}(?:option |choice )?[A-Z](?![\p{L}\p{N}'’+#]| (?:is|are|was) )"""
)
LEADING = pattern(rf"""^(?:[*_("'\[#\s]|option |choice |answer )*{ALONE}""", re.I)
LAST_LINE = pattern(rf"""(?:^|\n)[*_("'\[# \t]*{ALONE}[*_)\]"'.\s]*$""")
SINGLE_LETTER = pattern(r"[A-Za-z](?![A-Za-z])")
MENTIONED = pattern(r"(?<![\p{L}\p{N}])(?<![\p{L}]['’-])([A-Z])(?![\p{L}\p{N}+#]|['’-][\p{L}])")
# Nouns whose letter is a part of their name: "Vitamin C", "hepatitis B".
LETTERED = pattern(
    r"\b(?:vitamins?|hepatitis|types?|group|groups|grade|class|stage|plan|figure|fig|table|coenzyme|factor|proteins?|influenza|phase|panel"
    r"|section|appendix|part|blood|chromosome|complex|team|level|model|drug|patient|point|step|gram|strain|strep|subtype)[ -]$",
    re.I,
)
# Words that follow a letter and never an article: "The answer is A because …".
AFTER_LETTER = (
    "and|or|nor|is|but|because|since|as|due|for|which|while|with|given|not|rather|instead|based|would|seems|in|from|if|so|that|by|then"
    "|according|therefore|where|when|it|this|are|was"
)
ARTICLE_FOLLOWS = pattern(rf"^ +(?!(?:{AFTER_LETTER})\b)[\p{{L}}\p{{N}}]")
STANDS_ALONE = pattern(r"""^\s*(?:$|[).:,\]*"'])""")
# Signs that options may differ by, and that normalising takes out.
SIGNS = [
    (pattern(r"[↑⬆⇑]"), " upward "),
    (pattern(r"[↓⬇⇓]"), " downward "),
    (pattern(r"(?<![\p{L}\p{N})])\s{0,9}[-−–](?=\s?[.\d])"), " minus "),
    (pattern(r"(?<=[\p{L}])\+\+"), "plusplus"),
    (pattern(r"(?<=[\p{L}])[+](?![\p{L}])"), " plus "),
    (pattern(r"(?<=[\p{L}])#"), "sharp"),
    (pattern(r"≤|<="), " at most "),
    (pattern(r"≥|>="), " at least "),
    (pattern(r"<"), " less "),
    (pattern(r">"), " more "),
    (pattern(r"%"), " percent "),
    (pattern(r"[→⇒]"), " to "),
    (pattern(r"±"), " plusminus "),
    (pattern(r"(?<=[\p{L}])-(?=[\s,;)]|$)"), " negative "),
]


def read_choice(output, options):
    """The letter of the option that an output chooses; None where it chooses none or several."""
    answer = trim(FULL_WIDTH.sub(lambda letter: unicodedata.normalize("NFKC", letter[0]), output))
    if answer == "":
        return None
    announced = announced_letter(answer, options) or announced_text(answer, options)
    if announced:
        return announced
    texts = named_options(answer, options)
    if len(texts) == 1:
        return texts[0]
    number = number_option(answer, options)
    if number:
        return number
    letters = mentioned_letters(answer, len(options))
    return letters[0] if len(letters) == 1 else None


def announced_letter(answer, options):
    count, are_verdicts = len(options), any(holds(VERDICT_OPTION, option) for option in options)
    cues = [CUE, EAST_ASIAN_CUE, CALLED, CORRECTED, CONCLUDED] + ([] if are_verdicts else [AFFIRMED])
    given = last_letter(answer, [FIELD, BOXED], count, are_verdicts) or last_letter(answer, cues, count, are_verdicts)
    if given:
        return given
    head, close = SUBJECT.search(answer) or LEADING.search(answer), LAST_LINE.search(answer)
    letter = head and head_letter(answer, head, count, are_verdicts)
    return letter or (as_option(close[1], count) if close else None)


def announced_text(answer, options):
    """The option whose text, and no other's, follows the last "the answer is" in its sentence."""
    cues = list(TEXT_CUE.finditer(answer))
    if not cues:
        return None
    rest = answer[cues[-1].end() :]
    end = TEXT_END.search(rest)
    named = named_options(rest[: end.start()] if end else rest, options)
    return named[0] if len(named) == 1 else None


def number_option(answer, options):
    """The option that is the number which an answer consists of, in words."""
    forms = (answer_forms(normalize(answer)) or [""]) if units_of(answer) <= len("twelve.") else []
    return next((chr(65 + at) for at, option in enumerate(options) if normalize(option) in forms), None)


def last_letter(answer, patterns, count, are_verdicts):
    letter, place = None, -1
    for each in patterns:
        for found in each.finditer(answer):
            # A letter stands at either end of what announces it.
            within = len(found[0]) - 1 if found[0].endswith(found[1]) else found[0].find(found[1])
            at, option = found.start() + within, as_option(found[1], count)
            if option is None or (letter and at < place):
                continue
            if not (is_open(answer, at, are_verdicts) or is_denied(answer, at, at + 1) or is_article(answer, at)):
                letter, place = option, at
    return letter


def is_open(answer, at, are_verdicts):
    """Whether a letter is one of two that are offered, or called wrong right behind it."""
    behind = after(answer, at + 1, 23)
    return holds(ONE_OF_TWO, behind) or (not are_verdicts and holds(REFUSED, behind))


def head_letter(answer, head, count, are_verdicts):
    single = SINGLE_LETTER.search(head[0])
    at = head.start() + head[0].find(head[1], single.start() if single else 0)
    if is_open(answer, at, are_verdicts) or is_denied(answer, at, at + 1) or is_article(answer, at):
        return None
    # A lower-case letter is a choice when nothing or a mark such as ")" or ":" follows.
    if head[1].islower() and not holds(STANDS_ALONE, answer[at + 1 :]):
        return None
    return as_option(head[1], count)


def mentioned_letters(answer, count):
    letters = []
    for found in MENTIONED.finditer(answer):
        letter, at = as_option(found[1], count), found.start()
        is_name = holds(LETTERED, before(answer, at, 16))
        if letter and not is_name and not is_article(answer, at) and not is_denied(answer, at, at + 1):
            letters.append(letter)
    return list(dict.fromkeys(letters))


def as_option(letter, count):
    return letter.upper() if ord(letter.upper()) - 65 < count else None


def is_article(answer, at):
    """ "A dog" begins with an article, and "I think" with a pronoun; "A.", "(A) dog" and "A or B" do not."""
    return answer[at] in "AaI" and holds(ARTICLE_FOLLOWS, after(answer, at + 1, 13))


def named_options(answer, options):
    """Letters of the options whose text the answer states; an option inside a longer one that is stated does not count by itself."""
    text = f" {normalize(spell_signs(answer))} "
    taken, named = set(), []
    forms = [(normalize(spell_signs(option)), chr(65 + index)) for index, option in enumerate(options)]
    for form, letter in sorted(forms, key=lambda option: -len(option[0])):
        # A label of a figure is its letter, and no text.
        at = text.find(f" {form} ") if form and form.upper() != letter else -1
        while at >= 0:
            start, end = at + 1, at + 1 + len(form)
            if start not in taken and letter not in named and not is_denied_between(text, start, end, 0, len(text)):
                named.append(letter)
            taken.update(range(start, end))
            at = text.find(f" {form} ", end)
    return sorted(named)


def spell_signs(text):
    for sign, word in SIGNS:
        text = sign.sub(word, text)
    return text
