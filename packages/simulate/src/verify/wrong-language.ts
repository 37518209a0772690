import { guessLanguage, type LanguageGuess, type Pair } from "@rag-instruct/core";

// A title or a term from another language is no other language: so many letters are a sentence.
const fewestLetters = { question: 20, answer: 50 };
// So much more of the words must be function words of the other language.
const margin = 0.12;

/** What is in another language than the documents or than the one asked for, or undefined. */
export function wrongLanguage(
  { question, answer }: Pick<Pair, "question" | "answer">,
  { expected, ofDocuments }: { expected: string | undefined; ofDocuments: LanguageGuess },
): string | undefined {
  for (const [name, text] of [
    ["question", question],
    ["answer", answer],
  ] as const) {
    const guess = guessLanguage(text);
    // A letter of a script without vowels or spaces says more.
    const fewest = fewestLetters[name] / (guess.script === "Latin" || guess.script === "Cyrillic" ? 1 : 2.5);
    if (guess.letters < fewest) continue;
    const found = expected === undefined ? otherThan(guess, ofDocuments) : notIn(guess, expected);
    if (found) return `the ${name} is in ${found}`;
  }
  return undefined;
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
