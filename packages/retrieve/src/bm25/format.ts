import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";
import { writeAtomic } from "@rag-instruct/core/node";
import type { Postings } from "./postings.ts";

/** What a BM25 index folder says of itself in `manifest.json`. */
export interface Bm25Manifest {
  format: "rag-instruct-bm25";
  version: 1;
  analyzer: string;
  k1: number;
  b: number;
  passages: number;
  terms: number;
  /** SHA-256 of each file. */
  files: Record<string, string>;
}

/** A BM25 index as it lies in memory. */
export interface Bm25Data extends Postings {
  /** Passage ids by row. */
  ids: string[];
}

const arrays = { offsets: Uint32Array, rows: Uint32Array, frequencies: Uint16Array, lengths: Uint32Array } as const;

/** Writes an index folder: everything into a folder beside it, then one rename. */
export async function writeIndex(
  folder: string,
  data: Bm25Data,
  options: { analyzer: string; k1: number; b: number },
): Promise<void> {
  const temporary = `${folder}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  try {
    const files: Record<string, string> = {};
    for (const [name, bytes] of sectionsOf(data)) {
      files[name] = createHash("sha256").update(bytes).digest("hex");
      await writeAtomic(join(temporary, name), bytes);
    }
    const manifest: Bm25Manifest = {
      format: "rag-instruct-bm25",
      version: 1,
      ...options,
      passages: data.lengths.length,
      terms: data.terms.length,
      files,
    };
    await writeAtomic(join(temporary, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Reads an index folder. Throws `file-missing`, `unsupported-version` and `file-corrupt`, naming the file. */
export async function readIndex(folder: string): Promise<{ manifest: Bm25Manifest; data: Bm25Data }> {
  const manifest = await readManifest(folder);
  const section = async (name: string): Promise<Buffer> => {
    const bytes = await readFile(join(folder, name)).catch((cause) => {
      throw corrupt(join(folder, name), "cannot be read", cause);
    });
    if (createHash("sha256").update(bytes).digest("hex") !== manifest.files[name]) {
      throw corrupt(join(folder, name), "does not match its checksum");
    }
    return bytes;
  };
  const lines = async (name: string) => JSON.parse((await section(name)).toString("utf8")) as string[];
  const array = async <K extends keyof typeof arrays>(name: K) => {
    const bytes = await section(`${name}.bin`);
    // A copy of its own: a Buffer may start at any byte, and typed arrays may not.
    return new arrays[name](new Uint8Array(bytes).buffer) as InstanceType<(typeof arrays)[K]>;
  };
  return {
    manifest,
    data: {
      ids: await lines("ids.json"),
      terms: await lines("terms.json"),
      offsets: await array("offsets"),
      rows: await array("rows"),
      frequencies: await array("frequencies"),
      lengths: await array("lengths"),
    },
  };
}

function* sectionsOf(data: Bm25Data): Generator<[name: string, bytes: Uint8Array]> {
  yield ["ids.json", Buffer.from(JSON.stringify(data.ids))];
  yield ["terms.json", Buffer.from(JSON.stringify(data.terms))];
  for (const name of Object.keys(arrays) as (keyof typeof arrays)[]) {
    const { buffer, byteOffset, byteLength } = data[name];
    yield [`${name}.bin`, new Uint8Array(buffer, byteOffset, byteLength)];
  }
}

async function readManifest(folder: string): Promise<Bm25Manifest> {
  const path = join(folder, "manifest.json");
  let manifest: Bm25Manifest;
  try {
    manifest = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new RagInstructError("file-missing", `${folder} holds no BM25 index; build one with buildBm25Index`, {
        cause,
      });
    }
    throw corrupt(path, "is not JSON", cause);
  }
  if (manifest.format !== "rag-instruct-bm25") throw corrupt(path, "is no BM25 manifest");
  if (manifest.version !== 1) {
    throw new RagInstructError(
      "unsupported-version",
      `${path} has version ${manifest.version}, and this release reads version 1; update the package or build the index again`,
    );
  }
  return manifest;
}

function corrupt(path: string, what: string, cause?: unknown): RagInstructError {
  return new RagInstructError("file-corrupt", `${path} ${what}; build the index again`, { cause });
}
