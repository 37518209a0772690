import { jsonSchema } from "ai";
import { isObject } from "../is-object.ts";
import { trimEndOf } from "../text.ts";
import { systemClock } from "../waiting.ts";
import { askCall, type TextReply, takesSchema } from "./ask.ts";
import { type Failure, judgeFailure } from "./failure.ts";
import { type ModelObject, runsHere } from "./model-http.ts";
import type { ReplyEnd } from "./reply-end.ts";
import type { ModelSettings } from "./settings.ts";

const maxWait = 30_000;
// One that runs here is loaded first.
const maxWaitHere = 600_000;
const maxTries = 3;
const backOff = 500;
const prompt = 'Reply with the JSON object {"ready": true} and nothing else.';
const schema = jsonSchema<{ ready: boolean }>({
  type: "object",
  properties: { ready: { type: "boolean" } },
  required: ["ready"],
  additionalProperties: false,
});

/** What {@link probeModel} found. */
export type ModelProbe =
  /**
   * It answered: `schema` says whether the endpoint takes a JSON schema, and whether the model kept to it; `end` is why there is no
   * object in its answer, such as output that went into thinking.
   */
  | { seconds: number; schema: "followed" | "ignored" | "refused"; end?: ReplyEnd }
  | { failure: Failure }
  /** Something is there, and has not answered in so many milliseconds. */
  | { slow: number };

/**
 * Asks a model one short question just as a run asks its own, without any ledger, and up to three times where an answer may go better
 * next time. Throws only what the signal gives.
 * @param options.wait milliseconds for all of it. @default 30000, and 600000 for a model that is loaded into this process
 */
export async function probeModel(
  model: ModelObject,
  {
    settings,
    signal,
    wait = runsHere(model) ? maxWaitHere : maxWait,
  }: { settings?: ModelSettings; signal?: AbortSignal; wait?: number } = {},
): Promise<ModelProbe> {
  const timeout = AbortSignal.timeout(wait);
  const abort = signal ? AbortSignal.any([signal, timeout]) : timeout;
  const call = askCall({ model, prompt, schema, settings, version: "probe" }, { isBatched: false });
  for (let tries = 1; ; tries++) {
    const start = performance.now();
    try {
      const first = await call.execute(abort);
      const { value } = (await call.afterCut(first.value)?.execute(abort)) ?? first;
      return { seconds: (performance.now() - start) / 1000, ...readProbe(value, takesSchema(model, schema)) };
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted) return { slow: wait };
      const failure = judgeFailure(error, await call.secrets?.());
      if (tries === maxTries || !mayGoBetter(failure)) return { failure };
      const pause = (failure.kind === "overloaded" && failure.wait) || backOff * tries;
      if (pause > wait / 2) return { failure };
      await systemClock.sleep(pause, abort).catch(() => {});
    }
  }
}

function mayGoBetter(failure: Failure): boolean {
  return failure.kind === "overloaded" || (failure.kind === "transient" && failure.nobodyAt === undefined);
}

function readProbe(
  { text, end }: TextReply,
  isTaken: boolean,
): { schema: "followed" | "ignored" | "refused"; end?: ReplyEnd } {
  const isObjectAlone = isReady(text);
  return {
    schema: !isTaken ? "refused" : isObjectAlone ? "followed" : "ignored",
    end: isObjectAlone ? undefined : end,
  };
}

function isReady(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && "ready" in value;
  } catch {
    return false;
  }
}

const maxListWait = 5_000;

/** Ids of the models that an OpenAI-compatible server says it has; undefined where it does not say, or does not answer within 5 s. */
export async function listModels(
  baseUrl: string,
  { apiKey, signal }: { apiKey?: string; signal?: AbortSignal } = {},
): Promise<string[] | undefined> {
  const timeout = AbortSignal.timeout(maxListWait);
  try {
    const response = await fetch(`${trimEndOf(baseUrl, /\//)}/models`, {
      headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const body: unknown = response.ok ? await response.json() : undefined;
    const list = isObject(body) && Array.isArray(body.data) ? body.data : undefined;
    return list?.flatMap((each: unknown) => (isObject(each) && typeof each.id === "string" ? [each.id] : []));
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
