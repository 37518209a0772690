import { guessedLanguages, RagInstructError } from "@rag-instruct/core";

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
