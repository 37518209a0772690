import { RagInstructError } from "@rag-instruct/core";
import { type Tokenizer, tokenizers } from "./library.ts";
import { mendNormalizer } from "./normalizers.ts";
import { mendPreTokenizer, type PreTokenizerFile } from "./pre-tokenizers.ts";

interface ModelFile {
  vocab?: unknown;
  merges?: unknown;
  unk_token?: string;
  byte_fallback?: boolean;
  continuing_subword_prefix?: string;
}

/**
 * The tokenizer that a `tokenizer.json` describes, as Python's tokenizers runs it: by that file alone, since other settings
 * are for tokenizers in Python's code. Throws `file-corrupt` and, for parts that are not known, `unknown-format`.
 */
export function openTokenizer(path: string, file: Record<string, unknown>): Tokenizer {
  const model = (file.model ?? {}) as ModelFile;
  if (!model.vocab)
    throw new RagInstructError("file-corrupt", `${path} has no model with a vocabulary; fetch it again`);
  if (model.byte_fallback && Array.isArray(model.vocab))
    throw unknown(path, "a Unigram model that falls back to bytes");
  if (model.merges && model.continuing_subword_prefix) throw unknown(path, "pieces of BPE with a prefix");
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  let tokenizer: Tokenizer;
  try {
    // Only a WordLevel model reads its unknown token from there.
    const config = { unk_token: model.unk_token };
    tokenizer = new tokenizers.Tokenizer({ ...parts, added_tokens: [], ...file }, config);
  } catch (cause) {
    throw unknown(path, (cause as Error).message, cause);
  }
  tokenizer.normalizer = mendNormalizer(tokenizer.normalizer);
  tokenizer.pre_tokenizer = mendPreTokenizer(tokenizer.pre_tokenizer, file.pre_tokenizer as PreTokenizerFile | null);
  return tokenizer;
}

function unknown(path: string, what: string, cause?: unknown): RagInstructError {
  return new RagInstructError("unknown-format", `${path} cannot be used: ${what}`, { cause });
}
