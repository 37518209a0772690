import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Closable, RagInstructError } from "@rag-instruct/core";
import { lockFolder } from "@rag-instruct/core/node";
import { readVectorManifest } from "@rag-instruct/core/vectors";

/**
 * Makes and locks a folder for an import, until `close()`. What it held of the same embedder no longer counts: an import that
 * fails must not leave a manifest beside shards that are not those it names. Throws `folder-locked`, and `model-mismatch`
 * for vectors of another embedder.
 */
export async function beginImport(to: string, embedderId: string): Promise<Closable> {
  await mkdir(to, { recursive: true });
  const lock = await lockFolder(to);
  try {
    await refuseOtherVectors(to, embedderId);
    await rm(join(to, "manifest.json"), { force: true });
    return lock;
  } catch (error) {
    await lock.close();
    throw error;
  }
}

/** Throws `model-mismatch` where a folder holds vectors of another embedder. */
export async function refuseOtherVectors(to: string, embedderId: string): Promise<void> {
  const manifest = await readVectorManifest(to).catch((error) => {
    if (RagInstructError.is(error, "file-missing")) return undefined;
    throw error;
  });
  if (manifest === undefined || manifest.embedderId === embedderId) return;
  const message = `${to} holds vectors of "${manifest.embedderId}", not of "${embedderId}"; choose another folder`;
  throw new RagInstructError("model-mismatch", message);
}
