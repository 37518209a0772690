import { guessLanguage, type LanguageGuess } from "@rag-instruct/core";

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
