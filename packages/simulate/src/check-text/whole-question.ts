import { canonicalTokens, guessLanguage, tellingTokens } from "@rag-instruct/core";
import { selfComparison } from "./restating.ts";
import { finding, type TextFinding } from "./text-finding.ts";

// Words that nothing ends with, by language: articles and conjunctions.
const dangling: ReadonlySet<string> = new Set(
  "a an the and or of nor than der die das und oder dem den le la les et ou du des el los las y o del il lo gli ed una un une het een en and with whose".split(
    " ",
  ),
);
// A single letter may end an answer: "vitamin a".
const danglingAnswer: ReadonlySet<string> = new Set([
  ...[...dangling].filter((word) => word.length > 1),
  ..."because into from while whereas although mit von zum zur für weil pour avec dans para con por que och att i lub oraz и или для что"
    .split(" ")
    .filter((word) => word.length > 1),
]);
const closing = /[.!?。！？…؟;"'”’»)\]`]\s*$/u;
const asks = /[?？؟;՞¿]/u;
const brackets: readonly [open: string, close: string][] = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ["“", "”"],
];

// Words in which a question speaks of itself alone.
const ofItself: ReadonlySet<string> = new Set(
  "question answer statement following correct right wrong true false example mean meaning doe done thing name tell know say it you your me my please give find here one two first explain describe write what which frage antwort aussage bedeutet heißt réponse réponses phrase pregunta respuesta significa domanda risposta pergunta resposta vraag antwoord fråga svar spørgsmål pytanie odpowiedź soru cevap вопрос ответ утверждение"
    .split(" ")
    .flatMap((word) => canonicalTokens(word)),
);

const answering =
  /^["'“*\s]{0,4}(?:the (?:correct |right )?answer (?:is|to|of)|the (?:question|statement|claim) (?:is|asks)|this (?:question|statement|answer) (?:is|asks)|answer\s?:|die antwort (?:ist|lautet)|la réponse est|la respuesta es|la risposta è|a resposta é|het antwoord is|ответ\s?[:—-]|答案是|答えは|정답은)/iu;

const choosing =
  /\b(?:which|what) (?:one )?(?:of (?:the following|these|those)(?! \w+ed\b)|(?:statement|sentence|option|choice|of the two)s? (?:below|here))|\bchoose (?:the|one|from)\b[^.?!]{0,40}\b(?:option|answer|below|following)|\b(?:welche|welcher|welches) der folgenden|\b(?:laquelle|lequel|lesquels|lesquelles) des (?:\p{L}+ )?suivant|\bcuál de (?:las|los) siguientes|\bquale (?:delle|dei) seguenti|\bqual (?:das|dos) seguintes|\bwelke van de volgende|какое из (?:следующих|перечисленных)|以下(?:哪|の)|下列哪|다음 중/iu;
// What is to be chosen from may stand in the question itself: on lines of their own, by letter, behind a colon, between "or".
const bringsChoices = /\n|[A-Da-d][).] |: |, or | or /u;

// A thing that would stand beside the question.
const shownThing =
  /\b(?:this|these) (class|function|method|snippet|code|list|table|image|picture|photo|figure|diagram|graph|chart|screenshot|bug)s?\b/iu;

/** "What are the parameters for this function?", where none is named before it and none stands behind it. */
function pointsAtNothing(text: string): string | undefined {
  const found = shownThing.exec(text);
  if (!found || /[:\n"“„«`']/u.test(text)) return undefined;
  const isNamed = text.slice(0, found.index).toLowerCase().includes(found[1]!.toLowerCase());
  return isNamed ? undefined : found[0];
}

/** What is wrong with a question's form, or undefined where it is whole: a fragment, a question of itself, what breaks off. */
export function brokenQuestion(question: string, { hasOptions = false } = {}): TextFinding | undefined {
  const text = question.trim();
  const fault = (detail: string, evidence = text.slice(-40)) => finding("question-not-whole", detail, evidence);
  const tokens = canonicalTokens(text);
  if (tokens.length < 2) return fault("it is too short to stand alone");
  const telling = tellingTokens(tokens);
  if (telling.length === 0) return fault("it names nothing");
  if (telling.every((token) => ofItself.has(token))) return fault("it speaks of itself and names no subject");
  if (/[,;(\-–—/&]$|(?:\.\.\.|…)$/.test(text) || (text.endsWith(":") && !hasOptions)) return fault("it breaks off");
  const answers = asks.test(text) ? undefined : answering.exec(text)?.[0];
  if (answers) return fault(`it answers, it does not ask: “${answers.trim()}”`, answers);
  const compared = selfComparison(text);
  if (compared) return fault(`it compares a thing with itself: “${compared}”`, compared);
  const shown = pointsAtNothing(text);
  if (shown) return fault(`nothing is shown that “${shown}” could be`, shown);
  const chosen = hasOptions ? undefined : choosing.exec(text);
  if (chosen && !bringsChoices.test(text.slice(chosen.index + chosen[0].length))) {
    return fault(`there is nothing to choose from: “${chosen[0]}”`, chosen[0]);
  }
  if (closing.test(text)) return isFragment(text, tokens) ? fault("it neither asks nor says anything") : undefined;
  const last = text.split(/\s+/).at(-1)!.toLowerCase();
  // A single letter may be a variable.
  if (dangling.has(last) && (last === "a" || last.length > 1)) return fault(`it breaks off after “${last}”`);
  const open = brackets.find(([open, close]) => text.split(open).length > text.split(close).length);
  if (open) return fault(`a “${open[0]}” is never closed`);
  return isFragment(text, tokens) ? fault("it neither asks nor says anything") : undefined;
}

const maxFragmentWords = 5;
const verbal =
  /\b(?:is|are|was|were|be|been|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must|\p{L}+(?:ed|en|es|ies|ing|ts|ks|ns|rs|ps|ds|ls|ys|gs|ms|ws|fs|bs|cs|vs))\b|n['’]t\b/iu;
const requestVerbs: ReadonlySet<string> = new Set(
  "add advise analyze analyse answer appraise argue arrange assess brief briefly build calculate calculat check choose cite clarify classify combine comment compare compile complete compose compute consider construct contrast convert correct count create critique debate decide define demonstrate derive describe design detail determine develop devise diagnose differentiate discuss distinguish draft draw edit elaborate enumerate estimate evaluate examine expand explain explore express extract fact-check fill find formulate generate give guess help highlight identify illustrate imagine improve include infer interpret introduce justify label let list make match mention model name note offer order organize outline paraphrase please plan point predict prepare present produce proofread propose prove provide quote rank read recall recommend reflect remind rephrase report respond retell review revise rewrite say select share show simplify sketch solve sort specify spell state suggest sum summarise summarize support teach tell test think trace transcribe translate true turn use verify walk what whats who whom whose when where which why how write".split(
    " ",
  ),
);

/** English alone: a handful of words with neither a question mark nor a verb nor a request. */
function isFragment(text: string, tokens: readonly string[]): boolean {
  if (asks.test(text) || tokens.length > maxFragmentWords) return false;
  const words = text
    .toLowerCase()
    .split(/[^\p{L}'’-]+/u)
    .filter((word) => word !== "");
  const isEnglish = /^[\p{ASCII}‘’“”–—…]*$/u.test(text) && [undefined, "en"].includes(guessLanguage(text).language);
  if (!isEnglish || words.length === 0 || words.length > maxFragmentWords) return false;
  return (
    /^(?:the|a|an|this|these|its|their|his|her)$/.test(words[0]!) &&
    !words.some((word) => verbal.test(word)) &&
    !requestVerbs.has(words[0]!)
  );
}

const minCutWords = 4;

/** Where an answer breaks off: behind a word that nothing ends with, a comma, an opening bracket, inside code. */
export function brokenAnswer(answer: string): TextFinding | undefined {
  const text = answer.trim();
  const words = text.split(/\s+/);
  const fault = (detail: string) => finding("answer-breaks-off", detail, text.slice(-40));
  if (words.length >= minCutWords) {
    if (/[,(–—&]$|[\p{L}\p{N}] ?[:-]$/u.test(text)) return fault("it breaks off");
    const last = words.at(-1)!;
    if (danglingAnswer.has(last)) return fault(`it breaks off after “${last}”`);
  }
  if (text.split("```").length % 2 === 0) return fault("its code is never closed");
  if (/[.…]{3}$|…$/.test(text) && !/[.!?] |["“]/.test(text)) return fault("it breaks off");
  return undefined;
}
