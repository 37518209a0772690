import { hostname } from "node:os";
import { resolve } from "node:path";
import { hashOf } from "@rag-instruct/core";
import type { CallsOptions, ModelSettings } from "@rag-instruct/core/calls";
import type { SettingsChoice } from "@rag-instruct/core/options";
import type { RunWorkers } from "@rag-instruct/workers";
import type { ResolvedConfig } from "../config/schema.ts";

/** How a run makes its paid calls: one ledger, budget and pace for all stages. */
export function callsOptions(
  config: Pick<ResolvedConfig, "concurrency" | "prices" | "timeout" | "deadline" | "settings" | "budget" | "limits">,
  ledger: CallsOptions["ledger"],
): CallsOptions {
  const { concurrency, prices, timeout, deadline, settings, budget, limits } = config;
  return {
    ledger,
    concurrency: { max: concurrency },
    prices,
    timeout: timeout && timeout * 1000,
    deadline: deadline * 1000,
    budget,
    limits,
    settings: callSettings(settings),
  };
}

/** The settings of a config as calls take them. */
export function callSettings(choice: SettingsChoice | undefined): ModelSettings | undefined {
  if (!choice) return undefined;
  const { stop, ...settings } = choice;
  return stop ? { ...settings, stopSequences: [...stop] } : settings;
}

/** What workers are needed for. */
interface Served extends Pick<ResolvedConfig, "to"> {
  limits?: ResolvedConfig["limits"];
  /** Provider and id of the model, whose limits the workers share. */
  model: string;
  /** Called with what to do while work waits that no worker takes. */
  onNoWorker?: (note: string) => void;
}

/** The workers of a Redis; none without an address. Throws as `openWorkerPool` does. */
export async function openRunWorkers(
  redis: string | undefined,
  { to, model, limits, onNoWorker }: Served,
): Promise<RunWorkers | undefined> {
  if (redis === undefined) return undefined;
  const workers = await import("@rag-instruct/workers");
  return workers.openRunWorkers({ redis, run: hashOf([hostname(), resolve(to)]), endpoint: model, limits, onNoWorker });
}
