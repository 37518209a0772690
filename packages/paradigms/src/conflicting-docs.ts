import { canonicalTokens, foldText, isNumericToken, type Passage, tellingTokens } from "@rag-instruct/core";
import { askedValue } from "./asked-value.ts";
import { type CheckedPair, defineParadigm, type WordVerdict } from "./paradigm.ts";
import {
  documentText,
  inEnglishNumbers,
  type SentenceWords,
  sentenceWords,
  tellingStems,
  type Value,
  valuesIn,
} from "./word-checks.ts";

const instructions = `
You get two documents on one subject. Find the point on which they disagree: both speak of the very same thing and give another number,
date, name, place or cause for it. Write a question on exactly that point, as somebody would ask who knows of no disagreement.
The answer names what each of them gives for it, in their own numbers, names and terms, and says that they differ; it does not choose one
and makes up no reason for the difference.
`;

const answerRules = `
- The answer tells the positions apart without numbers of documents: "One account gives 96 metres, the other 93."
`;

const judging = `
Where the documents disagree on what is asked, they "state" the answer when it stands in them in two forms; "answer" is "right" where it names what
each document gives and says that they differ, and every document whose position it names is needed. Where they do not disagree on it, an answer that
says they do is "wrong".
`;

const reading =
  "Where the documents disagree on what is asked, say what each of them gives; that settles the question.";

/** Two documents disagree on a point: the answer names both positions. */
export const conflictingDocs = defineParadigm({
  id: "conflicting-docs",
  documents: { min: 2, max: 2 },
  instructions,
  answerRules,
  judging,
  reading,
  about: "The documents disagree on a point: the answer names what each of them states, and chooses none.",
  tasks: ["open", "comparison", "multi-hop", "summary"],
  relation: { answerStated: true, documentsAre: "required" },
  reply: {
    first: "what the first document says on the point, in its own words",
    second: "what the second document says on the point, in its own words",
  },
  fits,
  check: inEnglishNumbers(check),
});

// Two sentences speak of one thing when they have so many telling words in common, and so large a part of the shorter one's.
const minShared = 3;
const minSharedPart = 0.5;

/** Whether two passages may disagree: sentences of one thing with other numbers of the same kind. */
function fits(passages: readonly Passage[]): boolean {
  const [one, other] = passages.map(sentenceWords);
  if (!one) return false;
  if (!other) return one.some(({ values }) => values.length > 0);
  return one.some((sentence) => other.some((beside) => mayDisagree(sentence, beside)));
}

function mayDisagree(one: SentenceWords, other: SentenceWords): boolean {
  const shared = sharedWords(one, other);
  if (shared < minShared || shared < minSharedPart * Math.min(one.stems.size, other.stems.size)) return false;
  return ownValues(one, other).some(({ kind }) => ownValues(other, one).some((value) => value.kind === kind));
}

function sharedWords(one: SentenceWords, other: SentenceWords): number {
  return [...one.stems].filter((stem) => other.stems.has(stem) && !isNumericToken(stem)).length;
}

/** The values of a sentence that another has not. */
function ownValues({ values }: SentenceWords, other: SentenceWords): Value[] {
  const known = new Set(other.values.map(({ token }) => token));
  return values.filter(({ token }) => !known.has(token));
}

function check({ question, answer, documents }: CheckedPair, { language }: { language?: string }): WordVerdict {
  const [one, other] = documents;
  if (!one || !other) return { reason: "position-left-out", detail: "there is one document alone" };
  const first = positionOf(answer, { of: one, beside: other, question, language });
  const second = positionOf(answer, { of: other, beside: one, question, language });
  const silent = [first, second].findIndex(({ words }) => words.length === 0);
  if (silent >= 0) {
    return { reason: "position-left-out", detail: `the answer says nothing that document ${silent + 1} alone gives` };
  }
  const invented = inventedIn(answer, [question, ...documents.map(documentText)]);
  if (invented !== undefined) return { reason: "position-left-out", detail: `no document says ${invented}` };
  const common = commonKind(first, second);
  if (common === undefined) {
    const words = [first, second].map(({ words }) => words.slice(0, 3).join(" ")).join(" and ");
    return { reason: "no-conflict", detail: `“${words}” are things of other kinds` };
  }
  const stems = tellingStems(question, language);
  const isAsked = common === "word" || (askedValue(question, stems)?.isKind(common) ?? false);
  if (!areOfOnePoint(first, second, isAsked)) {
    return { reason: "no-conflict", detail: "the documents say it of different things" };
  }
  const contrast = saysContrast(answer, language);
  if (contrast === false) {
    return { reason: "conflict-not-said", detail: "the answer does not say that the documents differ" };
  }
  return contrast && common !== "word" ? "shown" : "unproved";
}

/** A number of an answer, written in digits, that none of the texts has. */
function inventedIn(answer: string, texts: readonly string[]): string | undefined {
  const said = new Set(texts.flatMap(canonicalTokens));
  return digitsOf(answer).find((number) => !said.has(number));
}

/** The numbers that are written in digits: "one account" and "the second" count accounts. */
function digitsOf(answer: string): string[] {
  const written = new Set(canonicalTokens(answer.replace(/\p{L}+/gu, " ")));
  return canonicalTokens(answer.replace(/(?<![\p{L}-])(?:one|first|second)(?!\p{L})/giu, " ")).filter(
    (token) => isNumericToken(token) && written.has(token),
  );
}

/** What an answer takes from one document alone. */
interface Position {
  words: readonly string[];
  /** Of what kind its numbers are: years, metres. */
  kinds: ReadonlySet<string>;
  /** The sentences of the document that give it, each with the one before it. */
  sentences: readonly { sentence: SentenceWords; before: SentenceWords | undefined }[];
}

function positionOf(
  answer: string,
  { of, beside, question, language }: { of: Passage; beside: Passage; question: string; language: string | undefined },
): Position {
  const asked = new Set(canonicalTokens(question));
  const own = new Set(canonicalTokens(documentText(of)));
  const others = new Set(canonicalTokens(documentText(beside)));
  const valuesOf = (document: Passage) => sentenceWords(document).flatMap(({ values }) => values);
  const digits = digitsOf(answer);
  const numbers = valuesIn(answer);
  // 30 years are no 30 metres, and "one says" no 1 metre.
  const values = valuesOf(of).filter(
    ({ token, kind }) =>
      (digits.includes(token) || numbers.some((number) => number.token === token && number.kind === kind)) &&
      !asked.has(token) &&
      !valuesOf(beside).some((value) => value.token === token && value.kind === kind),
  );
  const names = tellingTokens(canonicalTokens(answer), { language }).filter(
    (token) =>
      !isNumericToken(token) && !attributing.has(token) && own.has(token) && !others.has(token) && !asked.has(token),
  );
  const words = [...new Set([...values.map(({ token }) => token), ...names])].slice(0, maxWords);
  const all = sentenceWords(of);
  const sentences = all.flatMap((sentence, i) =>
    words.some((word) => canonicalTokens(sentence.text).includes(word)) ? [{ sentence, before: all[i - 1] }] : [],
  );
  return { words, kinds: new Set(values.map(({ kind }) => kind)), sentences };
}

// What says whose position it is, and is no part of one.
const attributing: ReadonlySet<string> = new Set(
  "source account document text report according say give state selon texte dit quelle angabe laut nach sagt fuente segun dice fonte secondo bron volgens zegt источник согласно 據 据 说 称".split(
    " ",
  ),
);

/** What both positions are: numbers of one kind, or words where one of them is no number; undefined where nothing. */
function commonKind(first: Position, second: Position): string | undefined {
  const kind = [...first.kinds].find((kind) => second.kinds.has(kind));
  if (kind !== undefined) return kind;
  return first.kinds.size > 0 && second.kinds.size > 0 ? undefined : "word";
}

// So many words of an answer are looked for in sentences.
const maxWords = 100;
// Sentences that speak of a thing by a pronoun share words with the ones before them.
const enoughAround = 2;

/** Whether positions are given of one thing: their sentences share a word, or what they ask for and their surroundings. */
function areOfOnePoint(first: Position, second: Position, isAsked: boolean): boolean {
  const around = ({ sentence, before }: Position["sentences"][number]): SentenceWords => ({
    ...sentence,
    stems: new Set([...sentence.stems, ...(before?.stems ?? [])]),
  });
  return first.sentences.some((one) =>
    second.sentences.some(
      (other) =>
        sharedWords(one.sentence, other.sentence) > 0 ||
        (isAsked && sharedWords(around(one), around(other)) >= enoughAround),
    ),
  );
}

/** What says that two things differ, by language; folded. */
const contrasts: Readonly<Record<string, RegExp>> = {
  en: /(?<!\p{L})(?:but|while|whereas|however|others?|another|differ\p{L}*|disagree\p{L}*|conflict\p{L}*|contradict\p{L}*|contrary|contest\p{L}*|disput\p{L}*|diverg\p{L}*|mismatch\p{L}*|instead|rather|either|versus|although|though|inconsistent|var(?:y|ies)|not (?:agree|match)|at variance|second|older|newer|earlier|later|at odds|on the one hand|depending)(?!\p{L})/u,
  de: /(?<!\p{L})(?:aber|wahrend|hingegen|ander\p{L}*|unterschei\p{L}*|unterschied\p{L}*|verschied\p{L}*|einmal|mal|teils|entweder|widersp\p{L}*|dagegen|jedoch|uneinig|uneinheitlich|umstritten|strittig|sondern|einerseits|auseinander|abweich\p{L}*|weichen|zweite\p{L}*)(?!\p{L})/u,
  fr: /(?<!\p{L})(?:mais|tandis|alors que|autres?|differ\p{L}*|contred\p{L}*|contradict\p{L}*|contradiction|cependant|toutefois|desaccord|diverg\p{L}*|varient|s'accordent|concordent|conteste\p{L}*|soit|second\p{L}*)(?!\p{L})/u,
  es: /(?<!\p{L})(?:pero|mientras|otr[oa]s?|difier\p{L}*|contradi\p{L}*|discrep\p{L}*|discord\p{L}*|diverg\p{L}*|coinciden|concuerdan|varian|sin embargo|en cambio|distint\p{L}*|segund\p{L}*)(?!\p{L})/u,
  it: /(?<!\p{L})(?:ma|mentre|altr[oaie]|invece|differ\p{L}*|discord\p{L}*|contradd\p{L}*|concordano|coincidono|diverg\p{L}*|tuttavia|divers\p{L}*|second\p{L}*)(?!\p{L})/u,
  pt: /(?<!\p{L})(?:mas|enquanto|outr[oa]s?|difer\p{L}*|contradi\p{L}*|coincidem|variam|discrep\p{L}*|porem|diverg\p{L}*|discord\p{L}*|no entanto|segund\p{L}*)(?!\p{L})/u,
  nl: /(?<!\p{L})(?:maar|terwijl|ander\p{L}*|verschil\p{L}*|echter|tegensp\p{L}*|strijdig|oneens|uiteen|tweede)(?!\p{L})/u,
  ru: /(?<!\p{L})(?:но|а|тогда как|друг\p{L}*|ин\p{L}{2,3}|различ\p{L}*|разн\p{L}*|расход\p{L}*|противореч\p{L}*|однако|иначе|втор\p{L}*)(?!\p{L})/u,
  zh: /但|而|另|不同|不一|有别|矛盾|分歧|出入|则/u,
  ja: /一方|他方|しかし|異な|違|別の|矛盾|相違|他の/u,
};

/** Whether an answer says that two things differ; undefined in a language whose words for it are not known. */
function saysContrast(answer: string, language: string | undefined): boolean | undefined {
  const folded = foldText(answer);
  // Of a few words the language does not show.
  if (language === undefined) return Object.values(contrasts).some((contrast) => contrast.test(folded));
  return contrasts[language]?.test(folded);
}
