import { extname } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import type { ResolvedConfig } from "../config.ts";
import { openEmbedder } from "../embedder.ts";
import { runCalls } from "../run-calls.ts";
import { inputFiles, isThere } from "../stages/fingerprint.ts";
import { type Check, failed, ok, warning } from "./check.ts";

/** The documents, the exemplars, and the packages that their formats need. */
export async function checkInputs({ corpus, exemplars }: ResolvedConfig): Promise<Check[]> {
  const lists = await Promise.all(corpus.from.map(async (path) => ({ path, files: await inputFiles(path) })));
  const missing = lists.filter(({ files }) => files.length === 0).map(({ path }) => path);
  const files = lists.flatMap(({ files }) => files);
  const checks =
    missing.length > 0
      ? [
          failed(
            "documents",
            `nothing at ${missing.join(", ")}`,
            "mend corpus.from in the config, or name the documents",
          ),
        ]
      : [ok("documents", `${files.length} files`), ...(await checkReaders(files))];
  if (exemplars === undefined) {
    const mend = "give instructions of your users' kind with --exemplars: an Alpaca, ShareGPT or plain question file";
    checks.push(warning("exemplars", "the few that come with the package", mend));
  } else if (typeof exemplars !== "string") checks.push(ok("exemplars", `${exemplars.length} in the config`));
  else if (await isThere(exemplars)) checks.push(ok("exemplars", exemplars));
  else checks.push(failed("exemplars", `nothing at ${exemplars}`, "mend the path of the exemplars"));
  return checks;
}

async function checkReaders(files: readonly string[]): Promise<Check[]> {
  const has = (extension: string) => files.some((file) => extname(file).toLowerCase() === extension);
  const checks: Check[] = [];
  if (has(".pdf")) checks.push(await checkPeer("unpdf", "PDF files are among the documents"));
  if (has(".docx")) checks.push(await checkPeer("mammoth", "DOCX files are among the documents"));
  return checks;
}

async function checkPeer(name: string, why: string): Promise<Check> {
  try {
    await import(name);
    return ok(name, `installed; ${why}`);
  } catch {
    return failed(name, `not installed; ${why}`, `npm install ${name}`);
  }
}

/** Whether the embedding model embeds a text. */
export async function checkEmbeddings(config: ResolvedConfig, { signal }: { signal: AbortSignal }): Promise<Check[]> {
  const { embeddings, to } = config;
  if (!embeddings) return [ok("embeddings", "none; BM25 needs no model")];
  try {
    await using calls = runCalls(`${to}/queries.jsonl`, { ...config, budget: undefined, batch: false });
    await using embedder = await openEmbedder(embeddings, { calls, signal });
    await embedder.embed(["ready"], { kind: "query", signal });
    return [ok("embeddings", `${embedder.id}, ${embedder.dimensions} dimensions`)];
  } catch (error) {
    signal.throwIfAborted();
    const mend = RagInstructError.is(error, "peer-missing")
      ? "npm install onnxruntime-node"
      : "mend `embeddings` in the config";
    return [failed("embeddings", (error as Error).message, mend)];
  }
}
