# Open questions: whether an output states a gold answer that it does not deny at every mention.

NUMBER_FORMS = SMALL[:13]
MAY_HAVE_FORMS = pattern(r"\d|^[a-z]{3,6}$")
WHOLE_NUMBER = pattern(r"^(\d+)\.0+$")
SHORT_NUMBER = pattern(r"^\d{1,2}$")
MONTHS = any_of(MONTH_NAMES)
ISO_DATE = pattern(r"^(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})$")
DAY_MONTH_YEAR = pattern(rf"^(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{MONTHS}) (?P<year>\d{{4}})$")
MONTH_DAY_YEAR = pattern(rf"^(?P<month>{MONTHS}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<year>\d{{4}})$")
SPACELESS = pattern(r"[\p{Spaceless}]")
NEVER_SPACED = pattern(r"[^\p{LatinOrCommon}]")
HANGUL = pattern(r"[\p{Hangul}]")
KOREAN_ENDING = pattern(
    r"^(?:은|는|이|가|을|를|의|에|에서|에게|로|으로|와|과|도|만|부터|까지|라고|이라고|이다|입니다|이에요|예요|였다|이었다|였습니다|이었습니다|이며|이고|인)(?= |$)"
)
# Words that name nothing by themselves: a gold of which only such a word is left lives by its article or its capitals.
FUNCTION_WORDS = set(
    "who it them they we he she this that what which where when is are no not and or in on of to by for with one all us me you i ha".split()
)
ABBREVIATION = pattern(r"^(?:the )?((?:[\p{Lu}]\.? ?){2,5})$")
ARTICLE_BEHIND = pattern(r"\S (?:a|an|the)$")
ENDS_IN_ARTICLE = pattern(r" (?:a|an|the)$")
CITATION = pattern(r"""(?:(?<=[\p{L}]{3})|(?<=[.,)"'”’]))[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+(?![\p{L}])""")
PARTING = pattern(r"(?:(?<!(?<![\p{L}])[\p{L}])[.](?=\s|$)|[!?;\n。！？；]|[,:，](?=\s))+\s*")
COMMA = pattern(r"^[,:，]\s*$")
NO_LETTERS = pattern(r"[^\p{L}\p{N}]+")


# How Chinese, Japanese and Korean deny a word, before it or behind it.
UNSPACED_DENIAL_BEFORE = pattern(r"(?:不是|並非|并非|而非|不在|非)$")
UNSPACED_DENIAL_AFTER = pattern(r"^(?:ではな|じゃな|ではあり|でな|이 아니|가 아니|은 아니|는 아니)")
# Places whose names have another's in them: who says West Virginia does not say Virginia.
LONGER_NAMES = {
    **{"virginia": pattern(r"\bwest $"), "ireland": pattern(r"\bnorthern $"), "korea": pattern(r"\b(?:north|south) $")},
    **{"guinea": pattern(r"\b(?:papua new|equatorial|new) $"), "wales": pattern(r"\bnew south $")},
    **{"sudan": pattern(r"\bsouth $"), "timor": pattern(r"\beast $")},
    **{name: pattern(r"\bnew $") for name in ("mexico", "jersey", "england", "hampshire", "york")},
}
SEMITIC = pattern(r"[\p{HebrewOrArabic}]")
# Prepositions, articles and conjunctions that Hebrew and Arabic write before a noun without a space.
SEMITIC_PREFIX = pattern(r"(?:^| )(?:[ו]?[בלמהשכו]|[وف]?(?:[بلك]|ال|لل|بال|كال)|[وف])$")


def is_denied_unspaced(text, start, end):
    return holds(UNSPACED_DENIAL_BEFORE, before(text, start, 4)) or holds(UNSPACED_DENIAL_AFTER, after(text, end, 6))


def states_unspaced(text, form):
    """Whether a form stands somewhere in a text without spaces and is not denied there."""
    at = text.find(form) if contains_form(text, form) else -1
    while at >= 0:
        if not is_denied_unspaced(text, at, at + len(form)):
            return True
        at = text.find(form, at + 1)
    return False


def is_of_longer_name(text, at, form):
    return form in LONGER_NAMES and holds(LONGER_NAMES[form], before(text, at, 12))


class Gold:
    """A gold answer made ready to be compared."""

    def __init__(self, written):
        self.written = written
        self.normalized = normalize(written)
        self.forms = answer_forms(self.normalized)
        kept = normalize(written, articles=True)
        lives_by_article = kept != self.normalized and (
            holds(ARTICLE_BEHIND, kept) or self.normalized == "" or self.normalized in FUNCTION_WORDS
        )
        self.with_articles = kept if lives_by_article else None
        capitals = ABBREVIATION.search(trim(written))
        letters = capitals and capitals[1].replace(".", "").replace(" ", "")
        self.capitals = letters if letters and letters.lower() in FUNCTION_WORDS else None


def answer_forms(normalized):
    """The forms in which an answer may stand: numbers in digits and in words, dates in four ways; none of them empty."""
    if normalized == "" or not holds(MAY_HAVE_FORMS, normalized):
        return [normalized] if normalized else []
    forms = [normalized]
    whole = WHOLE_NUMBER.search(normalized)
    if whole:
        forms.append(whole[1])
    if normalized in NUMBER_FORMS:
        forms.append(str(NUMBER_FORMS.index(normalized)))
    if holds(SHORT_NUMBER, normalized) and int(normalized) < len(NUMBER_FORMS):
        forms.append(NUMBER_FORMS[int(normalized)])
    return forms + date_forms(normalized)


def date_forms(normalized):
    found = ISO_DATE.search(normalized) or DAY_MONTH_YEAR.search(normalized) or MONTH_DAY_YEAR.search(normalized)
    if not found:
        return []
    month = MONTH_NAMES.index(found["month"]) + 1 if found["month"] in MONTH_NAMES else int(found["month"])
    if not 1 <= month <= 12:
        return []
    year, day, name = int(found["year"]), int(found["day"]), MONTH_NAMES[month - 1]
    suffix = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    days = (f"{day}", f"{day}{suffix}")
    written = [form for d in days for form in (f"{d} {name} {year}", f"{d} of {name} {year}", f"{name} {d} {year}")]
    # Numbers alone are read by either custom, as nothing says which was meant.
    orders = [(day, month), (month, day)]
    numbers = [form.format(a, b, year) for a, b in orders for mark in "./-" for form in (f"{{}}{mark}{{}}{mark}{{}}", f"{{:02}}{mark}{{:02}}{mark}{{}}")]
    return [f"{year}-{month:02}-{day:02}", *written, *numbers, f"{year}年{month}月{day}日", f"{year}년 {month}월 {day}일"]


class Clauses:
    """A text as it is compared, and where its sentences and clauses begin: what denies a word stands in the same one."""

    def __init__(self, output, spell):
        self.text = spell(output)
        self.sentences, self.clauses, joined, start = [], [], "", 0
        for end, is_sentence in [(m.end(), not holds(COMMA, m[0])) for m in PARTING.finditer(output)] + [(len(output), True)]:
            piece, start = spell(output[start:end]), end
            joined = f"{joined} {piece}" if joined and piece else joined or piece
            self.clauses.append(len(joined) + 1)
            if is_sentence:
                self.sentences.append(len(joined) + 1)
        # Where cutting changed the words nothing is known of the clauses.
        if joined != self.text:
            self.sentences, self.clauses = [], []

    def denies(self, start, end):
        """Whether the words around a mention, within its sentence, deny it or leave it open."""
        clause, sentence = bisect.bisect_right(self.clauses, start), bisect.bisect_right(self.sentences, end)
        begin = self.clauses[clause - 1] if clause > 0 else 0
        stop = self.sentences[sentence] if sentence < len(self.sentences) else len(self.text)
        return (
            is_denied_between(self.text, start, end, begin, stop)
            or is_one_of_two(self.text, start, end, begin, stop)
            or is_denied_unspaced(self.text, start, end)
        )

    def states(self, form):
        """Whether the text has a form as whole words, with their endings, somewhere where it is not denied."""
        at = self.text.find(form)
        while at >= 0:
            end = at + len(form)
            is_whole = self.begins_word(at, end) and self.ends_word(at, end)
            if is_whole and not self.denies(at, end) and not is_of_longer_name(self.text, at, form):
                return True
            at = self.text.find(form, at + 1)
        return False

    def states_squashed(self, form):
        """Whether the text has a form as one word that is written as several here, or the other way: "Spider-Man", "YouTube"."""
        squashed = form.replace(" ", "")
        if units_of(squashed) < 5 or squashed not in self.text.replace(" ", ""):
            return False
        if holds(DIGIT, squashed) or form.count(" ") > 2:
            return False
        words, start = self.text.split(" "), 0
        for at, word in enumerate(words):
            joined = ""
            for next_at in range(at, min(at + 3, len(words)) if squashed.startswith(word) else at):
                joined += words[next_at]
                end = start + len(joined) + next_at - at
                if (next_at > at or form != squashed) and joined == squashed and not self.denies(start, end):
                    return True
                if len(joined) >= len(squashed):
                    break
            start += len(word) + 1
        return False

    def begins_word(self, start, end):
        if start > 0 and self.text[start - 1] != " " and holds(SEMITIC, self.text[start:end]):
            prefix = SEMITIC_PREFIX.search(before(self.text, start, 5))
            start -= len(prefix[0].lstrip(SPACES)) if prefix else 0
        return start == 0 or self.text[start - 1] == " "

    def ends_word(self, start, end):
        if end < len(self.text) and self.text[end] != " " and holds(HANGUL, self.text[start:end]):
            ending = KOREAN_ENDING.search(after(self.text, end, 8))
            end += len(ending[0]) if ending else 0
        return end == len(self.text) or self.text[end] == " "


class AnswerText:
    """An output in each way in which golds are looked for in it."""

    def __init__(self, output):
        self.output = CITATION.sub("", output)

    @functools.cached_property
    def normalized(self):
        return Clauses(self.output, normalize)

    @functools.cached_property
    def with_articles(self):
        return Clauses(self.output, lambda text: normalize(text, articles=True))

    @functools.cached_property
    def capitals(self):
        return Clauses(self.output, lambda text: trim(NO_LETTERS.sub(" ", join_initials(text))))

    @functools.cached_property
    def lenient(self):
        return Clauses(self.output, lenient_spelling)


def states_text(golds, output, question):
    if trim(output) == "":
        return False
    text = AnswerText(output)
    if text.normalized.text == "":
        # Normalising leaves nothing of "A" or "%".
        return any(trim(gold).lower() == trim(output).lower() for gold in golds)
    prepared = [Gold(gold) for gold in golds]
    if any(is_exact(text, gold) or states_gold(text, gold) for gold in prepared):
        return True
    asked = lenient_spelling(question) if question else ""
    return any(states_leniently(text.lenient, gold, asked) for gold in prepared)


def is_exact(text, gold):
    if gold.with_articles and holds(ENDS_IN_ARTICLE, gold.with_articles):
        return text.with_articles.text == gold.with_articles
    return text.normalized.text in gold.forms


def states_gold(text, gold):
    if gold.capitals is not None:
        return text.capitals.states(gold.capitals)
    if gold.with_articles is not None:
        return text.with_articles.states(gold.with_articles)
    if any(text.normalized.states(form) for form in gold.forms):
        return True
    return holds(NEVER_SPACED, gold.written) and any(states_unspaced(text.normalized.text, form) for form in gold.forms)


def contains_form(normalized, form):
    return form != "" and (form if holds(SPACELESS, form) else f" {form} ") in f" {normalized} "


def states_leniently(lenient, gold, asked):
    if gold.with_articles is not None or gold.capitals is not None:
        return False
    spellings = lenient_spellings(gold.written)
    form = spellings[0]
    if form == "" or form in FUNCTION_WORDS:
        return False

    def is_denied(start, end):
        return lenient.denies(start, end) or is_of_longer_name(lenient.text, start, lenient.text[start:end])

    return (
        any(lenient.states(spelled) or lenient.states_squashed(spelled) for spelled in spellings)
        or says_words(lenient.text, form, is_denied)
        or (holds(CAPITAL, gold.written) and says_name(lenient.text, form, is_denied))
        or comes_near(lenient.text, form, gold.written, asked, is_denied)
    )
