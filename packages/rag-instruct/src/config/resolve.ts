import { RagInstructError } from "@rag-instruct/core";
import { findBenchmark, otherTexts } from "@rag-instruct/eval";
import { exportFormats } from "@rag-instruct/format";
import { paradigms as builtin, defineParadigm, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import { checkSample } from "@rag-instruct/simulate";
import { closestMatch } from "leven";
import { z } from "zod";
import { engineOf, isStandInChoice, type RetrievalChoice } from "./choices.ts";
import { type Config, configSchema, hasCorpus, type ResolvedConfig } from "./schema.ts";

type Issue = z.core.$ZodIssue;

/** The whole of a config's schema: with the formats that `@rag-instruct/format` has, which is too much to load for a line of help. */
export const wholeSchema = configSchema.extend({
  exports: z
    .array(z.enum(exportFormats))
    .readonly()
    .default([...exportFormats])
    .meta({ ...configSchema.shape.exports.meta() }),
});

/** What an error calls the place of a field: the config, or the flag that gave it. */
export type BlameField = (path: readonly PropertyKey[]) => string;

/**
 * Checks a config and fills in its defaults. Throws `bad-option` with the path of the field and the word that was probably
 * meant, and `unknown-paradigm`.
 * @param options.where what an error calls the config, or the place of a field @default "config"
 */
export function resolveConfig(
  config: Config,
  { where = "config" }: { where?: string | BlameField } = {},
): ResolvedConfig {
  const blame: BlameField = typeof where === "string" ? () => where : where;
  const given = config.corpus === false ? { ...config, corpus: { from: [] } } : config;
  const result = wholeSchema.safeParse(given, { reportInput: true });
  if (!result.success) throw configProblem(result.error.issues, blame);
  const { pairs, paradigms: own, ...rest } = result.data;
  const { verify, filter, sample, model, depth, beyond, embeddings, retriever, postgres, card = {} } = rest;
  const {
    kind,
    analyzer = "auto",
    ...searched
  }: RetrievalChoice = typeof rest.retrieval === "string" ? { kind: rest.retrieval } : (rest.retrieval ?? {});
  const paradigms = withInstructions(
    { ...builtin, ...Object.fromEntries(own.map((paradigm) => [paradigm.id, paradigm])) },
    rest.instructions,
  );
  // Without a corpus each exemplar gives the pair that its documents are for, unless some are wanted by number.
  const isEach = config.pairs === undefined && !hasCorpus(rest) && !retriever;
  const counts = isEach ? {} : countsOf(pairs, Object.keys(paradigms));
  for (const id of Object.keys(counts)) checkParadigm(id, paradigms);
  for (const id of Object.keys(rest.benchmarks)) if (id !== otherTexts) findBenchmark(id);
  const wrong = (field: keyof Config, message: string) =>
    new RagInstructError("bad-option", `${blame([field])}: ${message}`);
  if (verify !== "lexical" && model === "offline")
    throw wrong(
      "verify",
      `verify "${verify}" asks a model that judges, which the offline model cannot; name another model`,
    );
  if (filter === "model" && isStandInChoice(model))
    throw wrong(
      "filter",
      'filter "model" asks a model that judges, which offline and recorded ones cannot; name another model',
    );
  if (sample) checkSample(sample);
  if (depth <= beyond)
    throw wrong("depth", `depth (${depth}) must be larger than beyond (${beyond}), where noise comes from`);
  const { engine } = searched as RetrievalChoice;
  if (((kind && kind !== "bm25") || engine) && !embeddings) {
    const what = kind && kind !== "bm25" ? `retrieval "${kind}"` : `the engine "${engine}" searches vectors, and`;
    throw wrong("retrieval", `${what} needs embeddings, such as embeddings: { model: "contriever-msmarco" }`);
  }
  if (engine === "pgvector" && !postgres)
    throw wrong("retrieval", 'the engine "pgvector" needs a PostgreSQL with pgvector 0.8; name it with --postgres');
  if (retriever && (rest.retrieval || embeddings))
    throw wrong("retriever", "a retriever of your own ranks by itself; leave out retrieval and embeddings");
  try {
    return {
      ...rest,
      card,
      counts,
      paradigms,
      retrieval: kind ?? (embeddings ? "hybrid" : "bm25"),
      analyzer,
      engine: engineOf(searched, { hasPostgres: postgres !== undefined }),
    };
  } catch (error) {
    throw wrong("retrieval", (error as Error).message);
  }
}

/** Paradigms that ask for something more; each is another version of itself, with other keys in the ledger. Throws `bad-option` for an unknown id. */
function withInstructions(
  paradigms: Readonly<Record<string, Paradigm>>,
  more: ResolvedConfig["instructions"],
): Record<string, Paradigm> {
  const byId = typeof more === "string" ? Object.fromEntries(Object.keys(paradigms).map((id) => [id, more])) : more;
  const changed = { ...paradigms };
  for (const [id, text] of Object.entries(byId ?? {})) {
    checkParadigm(id, paradigms);
    const { instructions, ...paradigm } = paradigms[id]!;
    changed[id] = defineParadigm({ ...paradigm, instructions: `${instructions}\n${text.trim()}` });
  }
  return changed;
}

/**
 * Pairs wanted of each of some paradigms: a number and `{ each }` are of every one; `{ total }` is shared out alike, and what cannot be
 * divided goes to the first ones; counts by paradigm stay as they are.
 */
export function countsOf(
  pairs: NonNullable<Config["pairs"]>,
  ids: readonly string[],
): Readonly<Record<string, number>> {
  const { each, total, ...byParadigm } = (typeof pairs === "number" ? { each: pairs } : pairs) as Record<
    string,
    number
  >;
  const isShared = each === undefined && total !== undefined;
  if ((each === undefined) === (total === undefined) || Object.keys(byParadigm).length > 0)
    return pairs as Readonly<Record<string, number>>;
  const share = isShared ? Math.floor(total / ids.length) : each!;
  const rest = isShared ? total % ids.length : 0;
  return Object.fromEntries(ids.map((id, i) => [id, share + (i < rest ? 1 : 0)]));
}

/** What counts by paradigm come to, in words: `20 of each of 5 paradigms`, or how many paradigms there are. Empty for one. */
export function sharesInWords(counts: Readonly<Record<string, number>>): string {
  const wanted = Object.values(counts).filter((count) => count > 0);
  if (wanted.length < 2) return "";
  const isAlike = wanted.every((count) => count === wanted[0]);
  return isAlike ? `, ${wanted[0]} of each of ${wanted.length} paradigms` : `, of ${wanted.length} paradigms`;
}

function checkParadigm(id: string, among: Readonly<Record<string, Paradigm>>): void {
  try {
    paradigmById(id, among);
  } catch (error) {
    const near = suggest(id, Object.keys(among));
    if (!near) throw error;
    throw new RagInstructError("unknown-paradigm", `${(error as Error).message}${near}`);
  }
}

/** One line on what is wrong with a config: where, what, and the word that was probably meant. */
function configProblem(issues: readonly Issue[], blame: BlameField): RagInstructError {
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  const issue = firstOf(issues);
  const field = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]!] : issue.path;
  return new RagInstructError("bad-option", `${blame(field)}: ${describe(issue, [], wholeSchema)}${more}`);
}

/** A word that is not known explains why another is missing. */
function firstOf(issues: readonly Issue[]): Issue {
  return issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
}

function describe(issue: Issue, base: readonly PropertyKey[], schema: z.ZodType): string {
  const path = pathOf([...base, ...issue.path]);
  switch (issue.code) {
    case "unrecognized_keys": {
      const [key = ""] = issue.keys;
      const known = Object.keys(shapeOf(schemaAt(schema, issue.path)) ?? {});
      const choices = known.length > 0 && known.length < 8 ? `; there are ${known.join(", ")}` : "";
      return `${pathOf([...base, ...issue.path, key])} is not an option${suggest(key, known) || choices}`;
    }
    case "invalid_value": {
      if (issue.input === undefined) break;
      const values = issue.values.map(String);
      return `${path}: "${issue.input}" is not one of ${values.join(", ")}${suggest(String(issue.input), values)}`;
    }
    case "invalid_type":
      if (issue.input === undefined) return `${path} is missing; it must be ${article(issue.expected)}`;
      return `${path} must be ${article(issue.expected)}, not ${shown(issue.input)}`;
    case "too_small":
      return `${path} must be ${issue.minimum} or more, not ${shown(issue.input)}`;
    case "invalid_union": {
      const nearest = nearestOption(issue.errors);
      const [words, ...others] = issue.errors.flat();
      const isWord = others.every((each) => each.code === "invalid_type" && each.expected === "object");
      // A word that stands for an object.
      if (nearest === undefined && words?.code === "invalid_value" && isWord && typeof issue.input === "string")
        return describe({ ...words, path: issue.path, input: issue.input } as Issue, base, schema);
      if (nearest === undefined) {
        const wanted =
          issue.message === plainMessage ? `must be ${issue.errors.flat().map(wantedBy).join(", or ")}` : issue.message;
        return `${path} ${wanted}, not ${shown(issue.input)}`;
      }
      const union = schemaAt(schema, issue.path) as z.ZodUnion<z.ZodType[]>;
      return describe(firstOf(issue.errors[nearest]!), [...base, ...issue.path], union.options[nearest]!);
    }
  }
  return `${path}: ${issue.message}${issue.input === undefined ? "" : ` (it is ${shown(issue.input)})`}`;
}

// What zod says where a schema has no words of its own.
const plainMessage = "Invalid input";

/** Of the options of a union the one that was probably meant: an object that is wrong within, with the fewest faults. */
function nearestOption(errors: readonly (readonly Issue[])[]): number | undefined {
  const isWithin = ({ path, code }: Issue) => path.length > 0 || code === "unrecognized_keys";
  const meant = errors.flatMap((issues, i) => (issues.some(isWithin) ? [{ i, faults: issues.length }] : []));
  return meant.sort((a, b) => a.faults - b.faults)[0]?.i;
}

function wantedBy(issue: Issue): string {
  if (issue.code === "invalid_type") return article(issue.expected);
  if (issue.code === "too_small") return `${issue.minimum} or more`;
  return issue.code === "invalid_value"
    ? issue.values.map((value) => JSON.stringify(value)).join(" or ")
    : issue.message;
}

/** The schema at a path of objects; what it is wrapped in is taken off. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = bare(schema);
  for (const part of path) {
    const within: z.ZodType | undefined = shapeOf(at)?.[String(part)];
    at = within && bare(within);
  }
  return at;
}

function shapeOf(schema: z.ZodType | undefined): Readonly<Record<string, z.ZodType>> | undefined {
  return schema instanceof z.ZodObject ? schema.shape : undefined;
}

/** A schema without its default and whether it may be missing. */
export function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodReadonly)
    return bare(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? bare(schema.in as z.ZodType) : schema;
}

/** `; did you mean "…"?` where a known word is near, else nothing. */
function suggest(word: string, known: readonly string[]): string {
  const near = closestMatch(word, known, { maxDistance: Math.max(2, Math.floor(word.length / 3)) });
  return near === undefined || near === word ? "" : `; did you mean "${near}"?`;
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
  const text = (JSON.stringify(value) ?? String(value)).replace(/(?<=:\/\/)[^/\s"]*@/g, "");
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
