import { confirm } from "@clack/prompts";
import { badOption } from "@rag-instruct/core";
import type { Budget } from "@rag-instruct/core/options";
import type { EmbeddingChoice } from "@rag-instruct/embed/options";
import { expectedCallsLines } from "@rag-instruct/simulate";
import { isEndpoint, isStandInChoice, type ModelChoice } from "../config/model-choice.ts";
import type { BeforeCalls } from "../run/expected.ts";
import type { CommandContext, RunFlags } from "./command.ts";

/** What decides on whether a command may spend. */
interface SpendRules extends Pick<RunFlags, "yes"> {
  model: ModelChoice;
  embeddings?: EmbeddingChoice;
  budget?: Budget;
}

/**
 * Says what a command is about to call and pay for, before its first call, and on a terminal asks whether it may; nobody is asked
 * with --yes or a budget, or where nothing is charged. Throws `bad-option` for a no.
 */
export function spendGuard(
  { yes = false, model, embeddings, budget }: SpendRules,
  { view }: Pick<CommandContext, "view">,
): BeforeCalls | undefined {
  const embeds = embeddings !== undefined && "name" in embeddings;
  if (isStandInChoice(model) && !embeds) return undefined;
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return async (expected) => {
    if (isStandInChoice(model) && expected.isFree) return;
    const lines = expectedCallsLines(expected, budget);
    if (isEndpoint(model) && model.baseUrl === undefined)
      lines.push(`  paid with the key in ${model.keyVariable ?? "OPENAI_API_KEY"}; --model offline costs nothing`);
    view.say(lines);
    if (!isTerminal || yes || budget || (expected.isFree && (expected.also?.isFree ?? true))) return;
    const isWanted = await view.holding(() =>
      confirm({ message: "Make these calls?", initialValue: false, output: process.stderr }),
    );
    if (isWanted !== true) throw badOption("nothing was called; --yes makes the calls, --budget 5 sets a ceiling");
  };
}
