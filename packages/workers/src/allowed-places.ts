import { RagInstructError } from "@rag-instruct/core";
import type { ModelPlace } from "@rag-instruct/core/endpoints";
import type { ModelReference } from "./protocol.ts";

/** What a worker lets runs do with its keys and its network. */
export interface WorkerRules {
  /** Servers that it calls in place of those of the run. @default those of the run */
  baseUrls?: readonly string[];
  /** Servers of runs that it may call, beside OpenAI's own. @default none */
  allowed?: readonly string[];
  /** Environment variables whose keys it may use. @default ["OPENAI_API_KEY"] */
  keyVariables?: readonly string[];
}

/**
 * Where a run's model is called. Which addresses and keys a run may use is for the worker to say, and not for what is in Redis: whoever
 * writes there could have it send a key anywhere. Throws `bad-option` with the flag of `rag-instruct worker` that would allow it.
 */
export function placesFor(
  { name, baseUrls: asked, keyVariable = "OPENAI_API_KEY" }: ModelReference,
  { baseUrls, allowed = [], keyVariables = ["OPENAI_API_KEY"] }: WorkerRules,
): ModelPlace[] {
  if (!keyVariables.includes(keyVariable)) {
    throw new RagInstructError(
      "bad-option",
      `the run wants the key in ${keyVariable}, which this worker may not use; start it with --key-variable ${keyVariable}`,
    );
  }
  const refused = baseUrls ? undefined : asked?.find((address) => !allowed.some((known) => isSame(known, address)));
  if (refused !== undefined) {
    throw new RagInstructError(
      "bad-option",
      `the run wants ${refused} called, which this worker may not; start it with --allow ${refused}, or with --base-url and a server of its own`,
    );
  }
  const addresses = baseUrls ?? asked;
  return addresses ? addresses.map((baseUrl) => ({ name, keyVariable, baseUrl })) : [{ name, keyVariable }];
}

/** Whether two addresses are one, whatever slashes end them. */
function isSame(one: string, other: string): boolean {
  return [one, other].every((url) => URL.canParse(url)) && trimmed(one) === trimmed(other);
}

function trimmed(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}
