/** A number as people read it: grouped by thousands, with four decimals at most. */
export function numberText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 4 });
}

/** A count and what is counted: "1 pair", "1,200 replies". */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

/** US dollars, with four decimals below one dollar. */
export function dollarsText(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** Things in a row: "a", "a and b", "a, b and c". */
export function listText(parts: readonly string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : parts.join();
}

/** Seconds as people say them: 42 s, 3 min 20 s, 2 h 5 min. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };

/**
 * What the command line is called where a message names a command to a person: as it can be typed where this process was started, which
 * `RAG_INSTRUCT_PROGRAM` may say, and npx says of itself.
 * @example `${programName()} report` // rag-instruct report
 */
export function programName(): string {
  const { RAG_INSTRUCT_PROGRAM: named, npm_command: command } = process?.env ?? {};
  return named ?? (command === "exec" ? "npx rag-instruct" : "rag-instruct");
}

/**
 * A path, or any other word of a command that a message advises, as a shell reads it back: in quotes where it has spaces or signs that a
 * shell acts on.
 * @example `${programName()} report ${shellWord("my run")}` // rag-instruct report 'my run'
 */
export function shellWord(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
