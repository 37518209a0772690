const struckOut = "[key]";

const patterns: readonly RegExp[] = [
  /\b(?:Bearer|Basic)\s+\S+/gi,
  // Prefixes that vendors give their keys, whole or with their middle starred out.
  /\b(?:sk|pk|rk|gsk|hf|xai|nvapi|r8|fw|pplx|AIza|ghp|glpat)[-_]?[A-Za-z0-9._*-]{8,}/g,
  /(?<=[?&](?:[\w.-]*(?:key|token|secret|password)|code|sig(?:nature)?)=)[^&#\s"']+/gi,
  // Headers as they are printed.
  /(?<=\b(?:x-)?api[-_]?key["']?\s*[:=]\s*["']?)[^&\s"',;}]{4,}/gi,
  /(?<=:\/\/)[^/@\s]+(?=@)/g,
  // Anything long that mixes letters and digits, as keys do.
  /\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{28,}\b/g,
];

/** Strikes keys out of a text: those that are known, and whatever looks like one. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const known = secrets.reduce((rest, secret) => (secret.length < 4 ? rest : rest.replaceAll(secret, struckOut)), text);
  return patterns.reduce((rest, pattern) => rest.replace(pattern, struckOut), known);
}
