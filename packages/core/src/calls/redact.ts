const struckOut = "[key]";

const patterns: readonly RegExp[] = [
  /\b(?:Bearer|Basic)\s+\S+/gi,
  // Prefixes that vendors give their keys, whole or with their middle starred out.
  /\b(?:sk|pk|rk|gsk|hf|xai|nvapi|r8|fw|pplx|AIza|ghp|glpat)[-_]?[A-Za-z0-9._*-]{8,}/g,
  /(?<=[?&](?:[\w.-]*(?:key|token|secret|password)|code|sig(?:nature)?)=)[^&#\s"']+/gi,
  // Headers as they are printed.
  /(?<=\b(?:x-)?api[-_]?key["']?\s{0,3}[:=]\s{0,3}["']?)[^&\s"',;}]{4,}/gi,
  /(?<=:\/\/)[^/@\s]+(?=@)/g,
];
// Anything long that mixes letters and digits, as keys do.
const long = /[\w-]{28,}/g;
const isMixed = (word: string) => /\d/.test(word) && /[A-Za-z]/.test(word);

// What would move the cursor, colour the screen or turn the direction of what follows.
const controls = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** A text of an endpoint as it may be shown: without keys, those that are known and whatever looks like one, and without control characters. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const shown = text.replace(controls, "");
  const known = secrets.reduce(
    (rest, secret) => (secret.length < 4 ? rest : rest.replaceAll(secret, struckOut)),
    shown,
  );
  const clean = patterns.reduce((rest, pattern) => rest.replace(pattern, struckOut), known);
  return clean.replace(long, (word) => (isMixed(word) ? struckOut : word));
}
