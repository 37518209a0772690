import { guessLanguage, type Pair, wordsOf } from "@rag-instruct/core";
import { verdictOf } from "../verify/answers.ts";

/** What a question asks for, by its form. */
export type QuestionKind =
  | "what"
  | "which"
  | "who"
  | "when"
  | "where"
  | "why"
  | "how"
  | "how-many"
  | "yes-no"
  | "multiple-choice"
  | "claim"
  | "imperative"
  | "other";

const howMany =
  /\bhow (?:many|much)\b|\bwie ?viele?\b|\bcombien\b|\bcuánt[oa]s?\b|\bquant[eio]\b|\bquant[oa]s\b|\bhoeveel\b|多少|いくつ|сколько/iu;
const questionWords: readonly [QuestionKind, Readonly<Record<string, string>>][] = [
  [
    "who",
    {
      en: "who whom whose",
      de: "wer wen wem wessen",
      fr: "qui",
      es: "quién quiénes",
      it: "chi",
      pt: "quem",
      nl: "wie",
      ru: "кто",
    },
  ],
  [
    "when",
    { en: "when", de: "wann", fr: "quand", es: "cuándo", it: "quando", pt: "quando", nl: "wanneer", ru: "когда" },
  ],
  [
    "where",
    { en: "where", de: "wo woher wohin", fr: "où", es: "dónde", it: "dove", pt: "onde", nl: "waar", ru: "где куда" },
  ],
  ["why", { en: "why", de: "warum weshalb wieso", fr: "pourquoi", it: "perché", nl: "waarom", ru: "почему" }],
  [
    "which",
    {
      en: "which",
      de: "welche welcher welches welchen welchem",
      fr: "quel quelle quels quelles",
      es: "cuál cuáles",
      it: "quale quali",
      pt: "qual quais",
      nl: "welke",
      ru: "какой какая какие",
    },
  ],
  ["how", { en: "how", de: "wie", fr: "comment", es: "cómo", it: "come", pt: "como", nl: "hoe", ru: "как" }],
  ["what", { en: "what", de: "was", fr: "que quoi", es: "qué", it: "cosa che", pt: "que", nl: "wat", ru: "что" }],
];
const yesNoOpening = /^(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|may|might)\b/i;
const anyQuestionWord = /[?？]\s*$/u;

/** The kind of a pair's question: by its options and its answer, then by its question word, then by its form. */
export function kindOfQuestion({
  question,
  answer,
  options,
}: Pick<Pair, "question" | "answer" | "options">): QuestionKind {
  if (options && options.length > 0) return "multiple-choice";
  const verdict = verdictOf(answer);
  if (verdict) return verdict.kind;
  if (howMany.test(question)) return "how-many";
  const words = wordsOf(question);
  if (yesNoOpening.test(question.trim())) return "yes-no";
  const asked = askedBy(words, guessLanguage(question).language ?? "en");
  if (asked && (anyQuestionWord.test(question) || asked.place === 0)) return asked.kind;
  return anyQuestionWord.test(question) ? "other" : "imperative";
}

/** The first question word and its place. */
function askedBy(words: readonly string[], language: string): { kind: QuestionKind; place: number } | undefined {
  for (const [place, word] of words.entries()) {
    const kind = questionWords.find(([, lists]) => lists[language]?.split(" ").includes(word))?.[0];
    if (kind) return { kind, place };
  }
  return undefined;
}
