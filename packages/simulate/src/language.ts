import { guessedLanguages, guessLanguage, type LanguageGuess, RagInstructError } from "@rag-instruct/core";

/** Tells the language of a text as an ISO 639-1 code, or "" where it cannot be told. */
type DetectLanguage = (text: string) => string;

/**
 * Loads the detector of exemplars when it is first needed: 60 languages by n-grams (Efficient Language Detector), right of a few words
 * without any function word. Pairs are compared by `guessLanguage` instead: it says how many function words of which language
 * there are, and foreign names do not mislead it.
 */
export async function loadDetector(): Promise<DetectLanguage> {
  const { eld } = await import("eld/small");
  return (text) => eld.detect(text).language;
}

/** A language by code or by name, in English or its own ("de", "German", "Deutsch"), as its ISO 639-1 code, else undefined. */
export function languageCode(language: string): string | undefined {
  const wanted = language.trim().toLowerCase();
  if (/^[a-z]{2}(?:-[\w-]+)?$/.test(wanted)) return wanted.slice(0, 2);
  codeByName ??= namesOfLanguages();
  return codeByName.get(wanted);
}

/** The same, for an option. Throws `bad-option`. */
export function readLanguage(language: string): string {
  const code = languageCode(language);
  if (code) return code;
  throw new RagInstructError("bad-option", `language "${language}" is not known; give a code such as "en"`);
}

let codeByName: ReadonlyMap<string, string> | undefined;

function namesOfLanguages(): Map<string, string> {
  const english = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
  const codes = letters.flatMap((first) => letters.map((second) => first + second)).filter((code) => english.of(code));
  const own = guessedLanguages.map(
    (code) => [new Intl.DisplayNames(code, { type: "language" }).of(code)!, code] as const,
  );
  const all = [...own, ...codes.map((code) => [english.of(code)!, code] as const)];
  return new Map(all.map(([name, code]) => [name.toLowerCase(), code]));
}

// A title or a term in another language does not make a text foreign; so many letters are a sentence.
const minLetters = { question: 20, answer: 50 };
// So much more of the words must be function words of the other language.
const margin = 0.12;

/** The language that a question or an answer is in, where that is another than the one asked for or than that of the documents. */
export function foreignLanguage(
  text: string,
  {
    as,
    expected,
    ofDocuments,
  }: { as: "question" | "answer"; expected: string | undefined; ofDocuments: LanguageGuess },
): string | undefined {
  const guess = guessLanguage(text);
  // A letter of a script without vowels or spaces says more.
  const fewest = minLetters[as] / (guess.script === "Latin" || guess.script === "Cyrillic" ? 1 : 2.5);
  if (guess.letters < fewest) return undefined;
  return expected === undefined ? otherThan(guess, ofDocuments) : notIn(guess, expected);
}

function otherThan(guess: LanguageGuess, documents: LanguageGuess): string | undefined {
  if (documents.script === undefined || guess.script === undefined) return undefined;
  if (guess.script !== documents.script)
    return isMixed(guess, documents) ? undefined : (guess.language ?? guess.script);
  return documents.language === undefined ? undefined : notIn(guess, documents.language);
}

function notIn(guess: LanguageGuess, expected: string): string | undefined {
  if (guess.language === undefined || guess.language === expected) return undefined;
  const ofExpected = guess.profile[expected] ?? 0;
  const ofGuess = guess.profile[guess.language] ?? 1;
  return ofGuess - ofExpected >= margin ? guess.language : undefined;
}

// Japanese is written in Kana and Han, so a short text may show one alone.
function isMixed(a: LanguageGuess, b: LanguageGuess): boolean {
  const scripts = new Set([a.script, b.script]);
  return scripts.has("Kana") && scripts.has("Han");
}
