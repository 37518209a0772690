import { guessedLanguages } from "@rag-instruct/core";

/** The code of a language given by code or by name, in English or its own ("de", "German", "Deutsch"), else undefined. */
export function languageCode(name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  return guessedLanguages.find((code) => {
    const names = ["en", code].map((locale) => new Intl.DisplayNames(locale, { type: "language" }).of(code));
    return wanted.split("-")[0] === code || names.some((known) => known?.toLowerCase() === wanted);
  });
}
