# Patterns are written as the scorer has them: \p{L} and the like are the tables above, \s is Unicode's white space, \b, \d and \w are those
# of ASCII, and $ is the end of the text.

SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
SPACES = "".join(chr(c) for c in [*range(9, 14), 32, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF])
TOKEN = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\p\{\w+\}|\\.|\$", re.S)


def pattern(source, flags=0):
    def translate(found):
        token = found[0]
        if token == "$":
            return r"\Z"
        if token == r"\s":
            return f"[{SPACE}]"
        if r"\p" not in token:
            return token.replace(r"\s", SPACE) if token[0] == "[" else token
        # Without case the Greek iota below is the letter iota.
        below = "\u0345" if flags & re.I and r"\p{L}" in token else ""
        members = re.sub(r"\\p\{(\w+)\}", lambda name: TABLES[name[1]], token).replace(r"\s", SPACE)
        members = f"{members[:-1]}{below}]" if token[0] == "[" else members + below
        # What has no case need not be looked up without it, which takes long for so many letters.
        return f"(?-i:{members})" if token[0] == "[" else f"(?-i:[{members}])"

    return re.compile(TOKEN.sub(translate, source), flags | re.A)


def any_of(words):
    return f"(?:{'|'.join(words)})"


def before(text, at, units):
    """What stands before a place, at most so many UTF-16 units of it."""
    return text[start_of(text, at, units) : at]


def start_of(text, at, units):
    start = max(0, at - units)
    while start < at and units_of(text[start:at]) > units:
        start += 1
    return start


def after(text, at, units):
    """What stands behind a place, at most so many UTF-16 units of it."""
    end = min(len(text), at + units)
    while end > at and units_of(text[at:end]) > units:
        end -= 1
    return text[at:end]


def units_of(text):
    return len(text) if text.isascii() else len(utf16(text))


def utf16(text):
    return memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")


def trim(text):
    return text.strip(SPACES)


def holds(expression, text):
    return expression.search(text) is not None
