import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { RagInstructError } from "@rag-instruct/core";

/** How the vectors of the tokens become the vector of a text. */
export type Pooling = "mean" | "cls" | "last-token" | "max";

/** What a sentence-transformers folder says of its model. */
export interface ModelFolder {
  path: string;
  /** Most tokens, special ones included. */
  maxTokens: number;
  pooling: Pooling;
  normalize: boolean;
  dimensions: number;
}

const poolingFields: readonly [field: string, pooling: Pooling][] = [
  ["pooling_mode_mean_tokens", "mean"],
  ["pooling_mode_cls_token", "cls"],
  ["pooling_mode_lasttoken", "last-token"],
  ["pooling_mode_max_tokens", "max"],
];

/** Reads `modules.json` and the files it points to. Throws `file-missing` and `unknown-format`, naming the file. */
export async function readModelFolder(path: string): Promise<ModelFolder> {
  const modules = (await readJson(join(path, "modules.json"))) as { type: string; path: string }[];
  const moduleOf = (kind: string) => modules.find(({ type }) => type.endsWith(`.${kind}`));
  const pooling = await readPooling(join(path, moduleOf("Pooling")?.path ?? "1_Pooling", "config.json"));
  const config = (await readJson(join(path, "config.json"))) as {
    max_position_embeddings?: number;
    hidden_size?: number;
  };
  const limits = (await readJson(join(path, "sentence_bert_config.json")).catch(() => ({}))) as {
    max_seq_length?: number | null;
  };
  const maxTokens = limits.max_seq_length ?? config.max_position_embeddings;
  const dimensions = pooling.dimensions ?? config.hidden_size;
  if (!maxTokens || !dimensions) {
    throw new RagInstructError(
      "unknown-format",
      `${path} says neither how many tokens its model takes nor its dimensions`,
    );
  }
  return { path, maxTokens, dimensions, pooling: pooling.mode, normalize: moduleOf("Normalize") !== undefined };
}

/** The graph in the folder. Throws `file-missing`. */
export async function findGraph({ path }: ModelFolder, { quantized }: { quantized: boolean }): Promise<string> {
  const names = quantized ? ["model_quantized.onnx", "model_int8.onnx"] : ["model.onnx"];
  for (const name of names.flatMap((file) => [join(path, "onnx", file), join(path, file)])) {
    if (
      await access(name).then(
        () => true,
        () => false,
      )
    )
      return name;
  }
  throw new RagInstructError("file-missing", `${path} holds no ${names.join(" or ")}; export the model to ONNX`);
}

async function readPooling(path: string): Promise<{ mode: Pooling; dimensions: number | undefined }> {
  const config = (await readJson(path)) as Record<string, unknown>;
  const mode = poolingFields.find(([field]) => config[field] === true)?.[1];
  if (!mode)
    throw new RagInstructError("unknown-format", `${path} names none of the poolings mean, cls, last-token and max`);
  const dimensions = config.word_embedding_dimension;
  return { mode, dimensions: typeof dimensions === "number" ? dimensions : undefined };
}

/** A JSON file of the model. Throws `file-missing` and `file-corrupt`. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new RagInstructError(
      "file-missing",
      `${path} is not there; the folder must be laid out as sentence-transformers does`,
      { cause },
    );
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON`, { cause });
  }
}
