import { type Exemplar, hashOf, type OnProgress, RagInstructError } from "@rag-instruct/core";
import { isThere } from "@rag-instruct/core/node";
import { didYouMean } from "@rag-instruct/core/options";
import { fingerprint, listInputFiles, listRecordFiles } from "@rag-instruct/corpus";
import { benchmarkTexts, otherTexts } from "@rag-instruct/eval";
import {
  broughtTasks,
  exemplarSet,
  exemplarSetAbouts,
  type FilterExemplarsOptions,
  type ForbiddenFiles,
  isExemplarSet,
  readForbiddenFiles,
} from "@rag-instruct/simulate";
import { exemplarNames, hasCorpus, type ResolvedConfig, wantedCounts } from "../config/schema.ts";

/** What exemplars are read from, and what of it is taken. A file that a folder or a glob led to may hold none. */
export async function exemplarSource({
  exemplars,
  sample,
  seed,
}: Pick<ResolvedConfig, "exemplars" | "sample" | "seed">): Promise<
  Pick<FilterExemplarsOptions, "sample" | "seed" | "mayHoldNone"> & { source: readonly string[] | readonly Exemplar[] }
> {
  const names = exemplarNames(exemplars);
  const source = names ? [...new Set((await Promise.all(names.map(filesOf))).flat())] : exemplars;
  return { source, sample, seed, mayHoldNone: (file) => !names?.includes(file) };
}

/** The files behind a name; a bundled set is itself. Throws `file-missing`, with the set that was probably meant. */
async function filesOf(name: string): Promise<string[]> {
  if (isExemplarSet(name)) return [name];
  if (!/^[\w-]+$/.test(name) || (await isThere(name))) return listRecordFiles(name);
  const sets = Object.keys(exemplarSetAbouts);
  const message = `${name} is neither a file nor one of the sets ${sets.join(", ")}${didYouMean(name, sets)}`;
  throw new RagInstructError("file-missing", message);
}

/** What exemplars are, by their content, or of files by what tells that it is the same. */
export async function fingerprintExemplars(exemplars: ResolvedConfig["exemplars"]): Promise<string> {
  const names = exemplarNames(exemplars);
  if (!names) return hashOf(exemplars);
  const files = names.filter((name) => !isExemplarSet(name));
  if (files.length === names.length) return fingerprint(files);
  return hashOf([names.filter(isExemplarSet).map(exemplarSet), files.length > 0 ? await fingerprint(files) : null]);
}

/** Pairs by paradigm that exemplars come to which bring their documents, and those documents; undefined where there is a corpus. */
export async function broughtBy(
  config: ResolvedConfig,
  { signal }: { signal?: AbortSignal },
): Promise<Awaited<ReturnType<typeof broughtTasks>> | undefined> {
  if (hasCorpus(config) || config.retriever) return undefined;
  const { source, ...reading } = await exemplarSource(config);
  const { filter, paradigms } = config;
  return broughtTasks(source, { ...reading, filter, paradigms, counts: wantedCounts(config), signal });
}

/** Reads the files of benchmarks; undefined where there are none. Throws what reading them throws. */
export async function openForbiddenFiles(
  benchmarks: ResolvedConfig["benchmarks"],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: OnProgress },
): Promise<ForbiddenFiles | undefined> {
  if (Object.keys(benchmarks).length === 0) return undefined;
  const unread: Record<string, number> = {};
  const onUnread = (source: string) => {
    unread[source] = (unread[source] ?? 0) + 1;
  };
  const texts = benchmarkTexts(await benchmarkFiles(benchmarks), { onUnread, signal });
  return readForbiddenFiles(texts, { unread, onProgress, signal });
}

/** The files of each benchmark, folders and globs gone through. Throws `file-missing`. */
export async function benchmarkFiles(benchmarks: ResolvedConfig["benchmarks"]): Promise<Record<string, string[]>> {
  const entries = Object.entries(benchmarks).map(async ([id, from]) => {
    if (id !== otherTexts) return [id, await listRecordFiles(from)] as const;
    return [id, (await listInputFiles(from)).map(({ path }) => path)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What a stage's key says of benchmarks. Throws `file-missing`. */
export async function fingerprintBenchmarks(benchmarks: ResolvedConfig["benchmarks"]): Promise<Record<string, string>> {
  const entries = Object.entries(benchmarks).map(async ([id, files]) => [id, await fingerprint(files)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
