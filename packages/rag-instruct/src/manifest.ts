import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { isObject, RagInstructError } from "@rag-instruct/core";
import type { Config, ResolvedConfig } from "./config.ts";
import { fingerprintBenchmarks } from "./forbidden-files.ts";
import { fingerprint } from "./stages/fingerprint.ts";
import type { Manifest } from "./stages/write-manifest.ts";

/** What a second person needs to repeat a run: its settings, without the places of its inputs. */
export interface Repeat {
  settings: Partial<Config>;
  manifest: Manifest;
}

/** Reads a `manifest.json`. Throws `file-missing` and `bad-input`. */
export async function readManifest(path: string): Promise<Repeat> {
  const manifest = await readJson(path);
  const { model, corpus, counts, language, embeddings, ...options } = manifest.options;
  return {
    manifest,
    settings: {
      ...options,
      pairs: counts,
      corpus: corpus as Config["corpus"],
      language,
      model,
      embeddings,
    },
  };
}

/** Throws `bad-input` where documents or exemplars are not those that the manifest was made from. */
export async function checkInputs(
  { inputs }: Manifest,
  { corpus, exemplars, benchmarks }: ResolvedConfig,
): Promise<void> {
  const differs = (what: string) =>
    new RagInstructError(
      "bad-input",
      `these ${what} are not those of the manifest; repeat it with the same files, or run without --from`,
    );
  if ((await fingerprint(corpus.from)) !== inputs.corpus) throw differs("documents");
  if (
    inputs.exemplars !== undefined &&
    (typeof exemplars !== "string" || (await fingerprint([exemplars])) !== inputs.exemplars)
  )
    throw differs(typeof exemplars === "string" ? "exemplars" : "exemplars (name them with --exemplars)");
  if (!isDeepStrictEqual(await fingerprintBenchmarks(benchmarks), inputs.benchmarks ?? {}))
    throw differs("benchmarks (name them with --benchmark)");
}

/** Names of the files that came out with other bytes than the manifest has. */
export function differingOutputs(before: Manifest, now: Manifest): string[] {
  const names = new Set([...Object.keys(before.outputs), ...Object.keys(now.outputs)]);
  return [...names].filter((name) => before.outputs[name]?.sha256 !== now.outputs[name]?.sha256);
}

async function readJson(path: string): Promise<Manifest> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new RagInstructError("file-missing", `${path} is not there; name the manifest.json of a run`, { cause });
  });
  const unfit = new RagInstructError("bad-input", `${path} is no manifest of a run`);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && isObject(value.options) && isObject(value.inputs) && isObject(value.outputs))
      return value as unknown as Manifest;
  } catch {
    throw unfit;
  }
  throw unfit;
}
