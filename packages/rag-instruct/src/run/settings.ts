import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writeAtomic } from "@rag-instruct/core/node";
import { paradigms as builtin } from "@rag-instruct/paradigms";
import { isEndpoint, type PostgresChoice } from "../config/choices.ts";
import { mapFiles } from "../config/load.ts";
import type { Config, ResolvedConfig } from "../config/schema.ts";

const fileName = "settings.json";

/**
 * Keeps a run's settings in its folder, so that later commands need the folder's name alone. Settings with objects that
 * are not JSON (a model, an embedder, a paradigm of one's own) are not kept: they live in a program or a config file.
 */
export async function keepSettings(config: ResolvedConfig): Promise<void> {
  const path = join(config.to, fileName);
  const { to: _to, counts, paradigms, corpus, exemplars, ...rest } = config;
  const hasOwnParadigm = Object.keys(paradigms).some((id) => !Object.hasOwn(builtin, id));
  const hasOwnModel = config.model !== "offline" && !isEndpoint(config.model);
  const hasOwnEmbedder = config.embeddings !== undefined && "embed" in config.embeddings;
  if (hasOwnParadigm || hasOwnModel || hasOwnEmbedder) return rm(path, { force: true });
  const kept: Omit<Config, "to"> = {
    ...rest,
    corpus: { ...corpus, from: corpus.from.map((path) => (path === "-" ? path : resolve(path))) },
    pairs: counts,
    postgres: config.postgres && withoutPassword(config.postgres),
    exemplars: typeof exemplars === "string" ? resolve(exemplars) : exemplars,
    benchmarks: mapFiles(config.benchmarks, resolve),
  };
  await writeAtomic(path, `${JSON.stringify(kept, null, 2)}\n`);
}

/** The settings that a run folder keeps; nothing where it keeps none. */
export async function keptSettings(to: string): Promise<Partial<Config> | undefined> {
  try {
    return JSON.parse(await readFile(join(to, fileName), "utf8"));
  } catch {
    return undefined;
  }
}

/** A URL as it may be kept in a file: without its password. */
function withoutPassword(choice: PostgresChoice): PostgresChoice {
  if (choice.url === undefined || !URL.canParse(choice.url)) return choice;
  const url = new URL(choice.url);
  url.password = "";
  url.searchParams.delete("password");
  return { ...choice, url: url.href };
}
