import { RagInstructError } from "@rag-instruct/core";
import { closestMatch } from "leven";
import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** One line on what is wrong with a config: where, what, and the word that was probably meant. */
export function configProblem(issues: readonly Issue[], { schema, where }: { schema: z.ZodType; where: string }) {
  // A word that is not known explains why another is missing.
  const first = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return new RagInstructError("bad-option", `${where}: ${describe(first!, schema)}${more}`);
}

/** `; did you mean "…"?` where a known word is near, else nothing. */
export function suggest(word: string, known: readonly string[]): string {
  const near = closestMatch(word, known, { maxDistance: Math.max(2, Math.floor(word.length / 3)) });
  return near === undefined || near === word ? "" : `; did you mean "${near}"?`;
}

function describe(issue: Issue, schema: z.ZodType): string {
  const path = pathOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const known = keysAt(schema, issue.path);
    const choices = known.length > 0 && known.length < 8 ? `; there are ${known.join(", ")}` : "";
    return `${pathOf([...issue.path, key])} is no option${suggest(key, known) || choices}`;
  }
  if (issue.code === "invalid_value" && issue.input !== undefined) {
    const values = issue.values.map(String);
    return `${path}: "${issue.input}" is none of ${values.join(", ")}${suggest(String(issue.input), values)}`;
  }
  if (issue.code === "invalid_type" && issue.input === undefined)
    return `${path} is missing; it must be ${article(issue.expected)}`;
  if (issue.code === "invalid_type") return `${path} must be ${article(issue.expected)}, not ${shown(issue.input)}`;
  if (issue.code === "too_small") return `${path} must be ${issue.minimum} or more, not ${shown(issue.input)}`;
  if (issue.code === "invalid_union") return `${path} cannot be ${shown(issue.input)}; ${unionOf(issue.errors.flat())}`;
  return `${path}: ${issue.message}${issue.input === undefined ? "" : ` (it is ${shown(issue.input)})`}`;
}

function unionOf(issues: readonly Issue[]): string {
  return issues
    .map((issue) => (issue.code === "invalid_type" ? `must be ${article(issue.expected)}` : issue.message))
    .join(", or ");
}

function pathOf(path: readonly PropertyKey[]): string {
  return (
    path.reduce<string>(
      (text, part) => (typeof part === "number" ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
      "",
    ) || "the config"
  );
}

function article(expected: string): string {
  return `${/^[aeiou]/.test(expected) ? "an" : "a"} ${expected}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The keys that an object may have at a path of the schema; none where that is no object. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = bare(schema);
  for (const part of path) at = bare((at as { shape?: Record<PropertyKey, unknown> }).shape?.[part]);
  return Object.keys((at as { shape?: object } | undefined)?.shape ?? {});
}

function bare(schema: unknown): unknown {
  const wrapped = schema as { unwrap?: () => unknown; shape?: object } | undefined;
  return wrapped?.unwrap && !wrapped.shape ? bare(wrapped.unwrap()) : schema;
}
