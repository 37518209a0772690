import { RagInstructError } from "@rag-instruct/core";
import type { ModelConfig, Pooling, Prompts } from "./model-config.ts";
import type { Preset } from "./presets.ts";

/** What a user may state of a model whose files do not. */
export interface ModelStatements {
  pooling?: Pooling;
  /** Scale every vector to length 1. */
  normalize?: boolean;
  /** Texts put before queries and passages. */
  prompts?: Prompts;
  /** Most tokens of a text, special ones included; at most what the model takes. */
  maxTokens?: number;
}

/** How a model is run. */
export interface ModelSettings extends Required<ModelStatements> {
  lowerCase: boolean;
  padId: number;
  firstPosition: number;
}

/**
 * Puts together what files, preset and user say: the files come first, then the user, then the preset.
 * Throws `bad-option` when the user contradicts the files, saying both, and when nobody says what must be known.
 */
export function settle(
  folder: string,
  { files, preset, stated }: { files: ModelConfig; preset: Preset | undefined; stated: ModelStatements },
): ModelSettings {
  for (const field of ["pooling", "normalize", "prompts"] as const) {
    const [own, wanted] = [files[field], stated[field]].map((value) => JSON.stringify(value));
    if (own !== undefined && wanted !== undefined && own !== wanted) {
      throw new RagInstructError("bad-option", `${field} is ${wanted} where the files in ${folder} say ${own}`);
    }
  }
  const { maxTokens: limit = stated.maxTokens } = files;
  const { maxTokens = limit } = stated;
  if (maxTokens !== undefined && limit !== undefined && maxTokens > limit) {
    throw new RagInstructError("bad-option", `maxTokens is ${maxTokens} where the files in ${folder} allow ${limit}`);
  }
  const pooling = files.pooling ?? stated.pooling ?? preset?.pooling;
  const normalize = files.normalize ?? stated.normalize ?? preset?.normalize;
  if (pooling === undefined || normalize === undefined || maxTokens === undefined) {
    const missing = Object.entries({ pooling, normalize, maxTokens }).flatMap(([name, value]) =>
      value === undefined ? [name] : [],
    );
    throw new RagInstructError(
      "bad-option",
      `the files in ${folder} do not say ${missing.join(", ")}; give it, or a preset`,
    );
  }
  const prompts = files.prompts ?? stated.prompts ?? preset?.prompts ?? { query: "", passage: "" };
  const { lowerCase, padId, firstPosition } = files;
  return { pooling, normalize, maxTokens, prompts, lowerCase, padId, firstPosition };
}
