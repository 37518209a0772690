import { RagInstructError } from "@rag-instruct/core";
import type { Tokenizer } from "./library.ts";
import type { SpecialTokens } from "./special-tokens.ts";

interface Settings {
  do_lower_case?: unknown;
  add_bos_token?: unknown;
  add_eos_token?: unknown;
  bos_token?: unknown;
  eos_token?: unknown;
}

/**
 * Compares `tokenizer_config.json` with the tokenizer that stands in `tokenizer.json`: transformers goes by the first where
 * they differ, everyone else by the second. Throws `unknown-format`, saying both.
 */
export function checkSettings(
  settings: Record<string, unknown>,
  { path, tokenizer, special }: { path: string; tokenizer: Tokenizer; special: SpecialTokens },
): void {
  const { do_lower_case, add_bos_token, add_eos_token, bos_token, eos_token }: Settings = settings;
  const refuse = (says: string, does: string) => {
    const message = `tokenizer_config.json says ${says} where ${path} ${does}; save the tokenizer again by transformers`;
    throw new RagInstructError("unknown-format", message);
  };
  const { type, lowercase } = tokenizer.normalizer?.config ?? {};
  const differs = typeof do_lower_case === "boolean" && typeof lowercase === "boolean" && do_lower_case !== lowercase;
  if (type === "BertNormalizer" && differs)
    refuse(`do_lower_case is ${do_lower_case}`, `says lowercase is ${lowercase}`);
  const idOf = (token: unknown) => tokenizer.token_to_id(contentOf(token));
  if (add_bos_token === true && bos_token && special.prefix[0] !== idOf(bos_token)) {
    refuse("add_bos_token is true", `puts no ${contentOf(bos_token)} first`);
  }
  if (add_eos_token === true && eos_token && special.suffix.at(-1) !== idOf(eos_token)) {
    refuse("add_eos_token is true", `puts no ${contentOf(eos_token)} last`);
  }
}

/** A token as text, or with what else is said of it. */
function contentOf(token: unknown): string {
  return String(typeof token === "object" ? (token as { content?: unknown } | null)?.content : token);
}
