import { RagInstructError, type Source, tokensAbout, tokensAtMost } from "@rag-instruct/core";
import { type AskRequest, costOf, type Price, priceOf } from "@rag-instruct/core/calls";
import { paradigms as builtinParadigms, type Paradigm, paradigmById, renderPrompt } from "@rag-instruct/paradigms";
import type { SynthesisTask } from "./plan/task.ts";

/** Options of {@link estimate}. */
export interface EstimateOptions {
  /** The plan, with its reserves. Read to its end. */
  tasks: Source<SynthesisTask>;
  /** A model object, or its id. */
  model: Pick<AskRequest["model"], "modelId"> | string;
  /** Prices by model id, before those that are known. */
  prices?: Readonly<Record<string, Price>>;
  paradigms?: Readonly<Record<string, Paradigm>>;
  language?: string;
  settings?: NonNullable<AskRequest["settings"]>;
  /** Share of pairs that are expected to be accepted; reserves make up for the others. @default 0.8 */
  acceptance?: number;
  /** Tokens of a reply, about. @default 200 */
  replyTokens?: number;
  /** Calls at the same time. @default 16 */
  concurrency?: number;
  /** Whether the calls go through the batch API, at its price. @default false */
  batch?: boolean;
  /** Seconds that the model takes for a reply. @default 4 */
  secondsPerCall?: number;
}

/** What a number of calls comes to. */
export interface Cost {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars; undefined where the model's price is neither given nor known. */
  usd?: number;
  seconds: number;
}

const replyCeiling = 4096;
// Chat format and schema, about and at most.
const overheadAbout = 100;
const overheadAtMost = 1024;

/**
 * What a synthesis will cost, before it starts: `expected`, every wanted task and as many reserves as the acceptance asks for, once each;
 * `worst`, every task with every reserve asked twice at the longest reply. Throws `bad-option` and `unknown-paradigm`.
 */
export async function estimate(options: EstimateOptions): Promise<{ expected: Cost; worst: Cost }> {
  const { paradigms = builtinParadigms, language, settings, acceptance = 0.8, replyTokens = 200 } = options;
  if (!(acceptance > 0 && acceptance <= 1)) {
    throw new RagInstructError("bad-option", `acceptance must be above 0 and at most 1, not ${acceptance}`);
  }
  let [wanted, reserves, about, atMost] = [0, 0, 0, 0];
  for await (const { paradigm, documents, exemplar, reserve } of options.tasks) {
    const { instructions, prompt } = renderPrompt({
      paradigm: paradigmById(paradigm, paradigms),
      documents,
      exemplar,
      language,
    });
    if (reserve) reserves++;
    else wanted++;
    about += tokensAbout(instructions, prompt) + overheadAbout;
    atMost += tokensAtMost(instructions, prompt) + overheadAtMost;
  }
  const tasks = wanted + reserves;
  const attempts = Math.min(tasks, Math.ceil(wanted / acceptance));
  const output = Math.min(replyTokens, settings?.maxOutputTokens ?? replyTokens);
  const inputTokens = tasks === 0 ? 0 : Math.ceil((about / tasks) * attempts);
  return {
    expected: price({ calls: attempts, inputTokens, outputTokens: attempts * output }, options),
    worst: price(
      {
        calls: 2 * tasks,
        inputTokens: 2 * atMost,
        outputTokens: 2 * tasks * (settings?.maxOutputTokens ?? replyCeiling),
      },
      options,
    ),
  };
}

function price(
  counts: Pick<Cost, "calls" | "inputTokens" | "outputTokens">,
  { model, prices, batch = false, concurrency = 16, secondsPerCall = 4 }: EstimateOptions,
): Cost {
  const known = priceOf(typeof model === "string" ? model : model.modelId, prices);
  const { inputTokens, outputTokens } = counts;
  const usd = known && costOf(known, { inputTokens, outputTokens }, { batch });
  return {
    ...counts,
    usd,
    seconds: Math.ceil(counts.calls / concurrency) * secondsPerCall,
  };
}
