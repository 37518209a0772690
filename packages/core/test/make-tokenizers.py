"""Tokenizers of the kinds that embedding models have, with the ids that Python's tokenizers gives odd texts: make-tokenizers.py FOLDER"""
import io, json, os, random, sys
import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

folder = sys.argv[1]
words = """The lighthouse keeper's café served naïve tourists 1,250 cups of coffee in 1987; don't ask why. Über-große Straßen, façade,
élan vital: it's 50% cheaper (or isn't it?). Мы любим машинное обучение. أحب تعلم الآلة كثيرا. 我喜欢机器学习和自然语言处理。 日本語のテキスト。 한국어 문장입니다.
Ελληνικά ΟΔΟΣ κείμενα. हिन्दी पाठ. Retrieval-augmented generation reads passages; passages are retrieved by vectors, and vectors are made by models.""".split()
chooser = random.Random(7)
corpus = [" ".join(chooser.choices(words, k=12)) for _ in range(400)]

def ranges(*bounds):
    return [chr(c) for low, high in bounds for c in range(low, high)]

alphabets = [
    ranges((0x20, 0x7F)), ranges((0xA0, 0x250)), ranges((0x300, 0x370)), ranges((0x370, 0x530)), ranges((0x5D0, 0x61D), (0x61E, 0x700)),
    ranges((0x900, 0x980)), ranges((0xE00, 0xE80)), ranges((0x2000, 0x2070)), ranges((0x2100, 0x2200)), ranges((0x3000, 0x3100)),
    ranges((0x4E00, 0x4F00)), ranges((0xAC00, 0xAD00)), ranges((0xFB00, 0xFB50)), ranges((0xFE00, 0xFE10)), ranges((0xFF00, 0xFFEF)),
    ranges((0x1F300, 0x1F650)), ranges((0x1F900, 0x1FA00)), ranges((0x20000, 0x20020)), ranges((0x0, 0x20)), ranges((0x7F, 0xA0)),
    ["\ufeff", "\ufffd", "\u200d", "\ue000", "\U000e0041"],
]
odd = ["", " ", " \t\n", "a", "word " * 10_000, "x" * 101, "x" * 100, "🙂🙂🙂 👩‍👩‍👧‍👦 🥰🫠", "a\x00b\x07c\ufffd d\u200be", "مرحبا بالعالم", "我喜欢机器学习",
       "𠀀𠀁 plain", "naïve ﬁancée İstanbul ΟΔΟΣ ΑΣ. ẞ ŉ", "two  spaces   and\ttabs\r\nlines\n", " leading and trailing ", "don't can't I'll WE'RE",
       "[CLS] [SEP] <s> </s> <mask> [MASK] [UNK] <unk>", "a<mask>b <mask> c", "1234567 3.14159 1e-9", "snake_case camelCase __init__", "…—“quoted”–½²№™",
       "ｆｕｌｌ　ｗｉｄｔｈ ～ ㍿ ﷺ", "e\u0301 é o\u0308\u0323", "zero\u2060width\u00adsoft\u00a0nbsp", "▁under ▁ bar▁"]
texts = odd + corpus[:5] + ["".join(chooser.choice(chooser.choice(alphabets)) for _ in range(chooser.randint(1, 30))) for _ in range(300)]
texts += [" ".join("".join(chooser.choices(chooser.choice(alphabets), k=chooser.randint(1, 6))) for _ in range(8)) for _ in range(200)]

def charsmap(rule):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_writer=model, vocab_size=300, hard_vocab_limit=False, normalization_rule_name=rule, minloglevel=2)
    # Field 3 of the model is the normaliser, whose field 2 is the map (sentencepiece_model.proto).
    return fields(fields(model.getvalue())[3])[2]

def fields(message):
    """The last value of each field of a Protocol Buffers message."""
    at, found = 0, {}
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128: return value
    while at < len(message):
        key = varint()
        length = {0: 0, 1: 8, 5: 4}[key & 7] if key & 7 != 2 else varint()
        found[key >> 3] = message[at:at + length] if key & 7 else varint()
        at += length
    return found

def write(name, tokenizer, config={}):
    place = os.path.join(folder, name)
    os.makedirs(place)
    tokenizer.save(os.path.join(place, "tokenizer.json"))
    json.dump(config, open(os.path.join(place, "tokenizer_config.json"), "w"))
    with open(os.path.join(place, "expected.jsonl"), "w") as out:
        for text in texts:
            out.write(json.dumps({"text": text, "ids": tokenizer.encode(text).ids}) + "\n")

def template(tokenizer, first, last):
    return processors.TemplateProcessing(single=f"{first} $A {last}", special_tokens=[(t, tokenizer.token_to_id(t)) for t in (first, last)])

bert = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
roberta = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]

def word_piece(name, **options):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**options)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=600, special_tokens=bert))
    tokenizer.post_processor = template(tokenizer, "[CLS]", "[SEP]")
    write(name, tokenizer)

word_piece("wordpiece-uncased", lowercase=True)
word_piece("wordpiece-cased", lowercase=False)
word_piece("wordpiece-accents", lowercase=True, strip_accents=False)

for prefix in (False, True):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    special = roberta[:4] + [AddedToken("<mask>", lstrip=True, special=True)]
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=600, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=prefix)
    write(f"bpe-roberta{'-prefix' if prefix else ''}", tokenizer)

tokenizer = Tokenizer(models.BPE())
tokenizer.normalizer = normalizers.NFC()
qwen = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(qwen), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=600, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single="$A <|endoftext|>", special_tokens=[("<|endoftext|>", 0)])])
write("bpe-qwen", tokenizer)

def unigram(name, rule, scheme, split=True):
    tokenizer = Tokenizer(models.Unigram())
    parts = [normalizers.Precompiled(charsmap(rule)), normalizers.Replace(Regex(" {2,}"), " ")] if rule else [normalizers.NFKC()]
    tokenizer.normalizer = normalizers.Sequence(parts)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    special = roberta[:4] + [AddedToken("<mask>", lstrip=True, special=True)]
    tokenizer.train_from_iterator(corpus, trainers.UnigramTrainer(vocab_size=500, special_tokens=special, unk_token="<unk>"))
    tokenizer.post_processor = template(tokenizer, "<s>", "</s>")
    write(name, tokenizer, {"eos_token": "</s>", "unk_token": "<unk>"})

unigram("unigram-xlm-roberta", "nmt_nfkc", "always")
unigram("unigram-first", "nmt_nfkc_cf", "first")
unigram("unigram-plain", None, "always")

def word_level(name, pre_tokenizer, config, lowercase=False):
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    if lowercase: tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()])
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.train_from_iterator(corpus, trainers.WordLevelTrainer(vocab_size=60, special_tokens=bert))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    write(name, tokenizer, config)

for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"):
    for invert in (False, True):
        parts = [pre_tokenizers.Split(Regex(r"[.\s\d]"), behavior, invert), pre_tokenizers.Punctuation(behavior)]
        word_level(f"wordlevel-{behavior}{'-not' if invert else ''}", pre_tokenizers.Sequence(parts), {})
word_level("wordlevel", pre_tokenizers.Whitespace(), {})
word_level("wordlevel-split", pre_tokenizers.WhitespaceSplit(), {"unk_token": "[UNK]"})
word_level("wordlevel-pieces", pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(individual_digits=True)]), {}, lowercase=True)
