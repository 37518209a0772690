import { RagInstructError } from "@rag-instruct/core";
import { findBenchmark } from "@rag-instruct/eval";
import { paradigms as builtin, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import { otherTexts } from "../benchmark-texts.ts";
import type { Config, ResolvedConfig } from "../config.ts";
import { configProblem, suggest } from "./problems.ts";
import { configSchema } from "./schema.ts";

/**
 * Checks a config and fills in its defaults. Throws `bad-option` with the path of the field and the word that was probably
 * meant, and `unknown-paradigm`.
 * @param options.where what an error calls the config @default "config"
 */
export function resolveConfig(config: Config, { where = "config" }: { where?: string } = {}): ResolvedConfig {
  const schema = configSchema(config);
  const result = schema.safeParse(config, { reportInput: true });
  if (!result.success) throw configProblem(result.error.issues, { schema, where });
  const { pairs, paradigms: own, corpus, exemplars, embeddings, retrieval, language, ...rest } = result.data;
  const { budget, limits, card = {}, benchmarks } = rest;
  const paradigms: Record<string, Paradigm> = {
    ...builtin,
    ...Object.fromEntries(own.map((paradigm) => [paradigm.id, paradigm])),
  };
  const counts =
    typeof pairs === "number" ? Object.fromEntries(Object.keys(paradigms).map((id) => [id, pairs])) : pairs;
  for (const id of Object.keys(counts)) checkParadigm(id, paradigms);
  for (const id of Object.keys(benchmarks)) checkBenchmark(id);
  if (rest.verify !== "lexical" && rest.model === "offline") {
    const message = `${where}: verify "${rest.verify}" asks a model that judges, which the offline model cannot; name another model`;
    throw new RagInstructError("bad-option", message);
  }
  if (rest.depth <= rest.beyond) {
    const message = `${where}: depth (${rest.depth}) must be larger than beyond (${rest.beyond}), where noise comes from`;
    throw new RagInstructError("bad-option", message);
  }
  if (retrieval && retrieval !== "bm25" && !embeddings) {
    const message = `${where}: retrieval "${retrieval}" needs embeddings, such as embeddings: { model: "contriever-msmarco" }`;
    throw new RagInstructError("bad-option", message);
  }
  return {
    ...rest,
    corpus: { ...corpus, from: typeof corpus.from === "string" ? [corpus.from] : corpus.from },
    benchmarks: Object.fromEntries(Object.entries(benchmarks).map(([id, from]) => [id, [from].flat()])),
    embeddings,
    retrieval: retrieval ?? (embeddings ? "hybrid" : "bm25"),
    exemplars,
    language,
    postgres: rest.postgres,
    budget: budget && withoutUndefined(budget),
    limits: limits && withoutUndefined(limits),
    card,
    counts,
    paradigms,
  };
}

function checkBenchmark(id: string): void {
  if (id !== otherTexts) findBenchmark(id);
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

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
