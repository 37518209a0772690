import { isObject } from "@rag-instruct/core";
import { endpointAddress } from "../models.ts";

const patience = 5_000;

/** The models that an OpenAI-compatible server says it has; undefined where it does not say, or does not answer. */
export async function listModels(baseUrl: string, { signal }: { signal: AbortSignal }): Promise<string[] | undefined> {
  try {
    const key = process.env.OPENAI_API_KEY;
    const response = await fetch(`${endpointAddress(baseUrl)}/models`, {
      headers: key ? { authorization: `Bearer ${key}` } : {},
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    });
    const body: unknown = response.ok ? await response.json() : undefined;
    const list = isObject(body) && Array.isArray(body.data) ? body.data : undefined;
    return list?.flatMap((each: unknown) => (isObject(each) && typeof each.id === "string" ? [each.id] : []));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
