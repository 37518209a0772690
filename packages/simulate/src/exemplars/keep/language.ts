import { RagInstructError } from "@rag-instruct/core";

/** Tells the language of a text as an ISO 639-1 code, or "" where it cannot be told. */
export type DetectLanguage = (text: string) => string;

/** Loads the detector (Efficient Language Detector, 60 languages by n-grams) when it is first needed. */
export async function loadDetector(): Promise<DetectLanguage> {
  const { eld } = await import("eld/small");
  return (text) => eld.detect(text).language;
}

/** A language by code or English name, as its ISO 639-1 code. Undefined where it is neither. */
export function languageCode(language: string): string | undefined {
  const wanted = language.trim().toLowerCase();
  if (/^[a-z]{2}(?:-\w+)?$/.test(wanted)) return wanted.slice(0, 2);
  codes ??= new Map(allCodes().map((code) => [names.of(code)?.toLowerCase() ?? code, code]));
  return codes.get(wanted);
}

/** The same, for an option. Throws `bad-option`. */
export function readLanguage(language: string): string {
  const code = languageCode(language);
  if (code) return code;
  throw new RagInstructError("bad-option", `language "${language}" is not known; give a code such as "en"`);
}

const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
let codes: Map<string, string> | undefined;

function allCodes(): string[] {
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
  return letters.flatMap((first) => letters.map((second) => first + second)).filter((code) => names.of(code));
}
