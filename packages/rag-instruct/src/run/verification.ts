import { join } from "node:path";
import { badOption } from "@rag-instruct/core";
import { lazyCalls } from "@rag-instruct/core/calls";
import { openRunFolder } from "@rag-instruct/core/node";
import { fingerprint } from "@rag-instruct/corpus";
import {
  openGivenPairs,
  readPairs,
  type VerificationSummary,
  type VerifyLevel,
  verifyGiven,
} from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import type { RunOptions } from "../pipeline/pipeline.ts";
import { expectVerification } from "./expected.ts";
import { openForbiddenFiles } from "./inputs.ts";
import { keepSettings } from "./kept-settings.ts";
import { callsOptions, openModel } from "./models.ts";

/** What {@link runVerification} verifies and how. */
export interface VerificationConfig extends Omit<ResolvedConfig, "exemplars" | "verify"> {
  /** File of pairs. */
  pairs: string;
  /** Paradigm of records that name none. @default such a record throws */
  paradigm?: string;
  level: VerifyLevel;
  /** Folder of what comes out; made when it is not there. */
  to: string;
  /** Path of the ledger, so that replies are shared with a run. @default `ledger.jsonl` in the folder */
  ledger?: string;
  /** File of the exemplars, so that none is repeated. @default it is not checked */
  exemplars?: string;
  /** Settings of the run whose passages the pairs were written from: then what comes out is a run too. @default none */
  of?: ResolvedConfig;
}

type VerificationOptions = Pick<RunOptions, "beforeCalls" | "replace" | "onProgress" | "signal">;

/**
 * Verifies pairs that exist already, takes out duplicates and what is in benchmarks, and writes `pairs.jsonl`, `rejected.jsonl`,
 * `set-report.json` and, where benchmarks are named, `decontamination.json`, into a run folder that `assemble` takes as it is. One
 * that was cut short goes on from the ledger. Throws `file-exists` where the folder holds other pairs, or some that were edited by hand.
 */
export async function runVerification(
  config: VerificationConfig,
  { beforeCalls, replace = false, onProgress = () => {}, signal }: VerificationOptions = {},
): Promise<VerificationSummary> {
  const { to, level, model, exemplars, benchmarks, duplicates, seed, language } = config;
  const isAsked = level !== "lexical";
  if (isAsked && model === "offline") {
    throw badOption(`the offline model cannot judge: name a model with --model for level ${level}`);
  }
  await using folder = await openRunFolder(to);
  const inputs = { pairs: await fingerprint([config.pairs], { isWhole: true }), level };
  await using given = await openGivenPairs({ folder, by: "verify", inputs, replace });
  const forbidden = await openForbiddenFiles(benchmarks, { onProgress, signal });
  await using opened = isAsked ? await openModel(model, { signal, onProgress }) : undefined;
  const beforeFirst = beforeCalls && (async () => beforeCalls(await expectVerification(config, signal)));
  await using ledger = lazyCalls({ ...callsOptions(config, config.ledger ?? join(to, "ledger.jsonl")), beforeFirst });
  const summary = await verifyGiven(given, {
    folder,
    pairs: readPairs(config.pairs, { paradigm: config.paradigm, signal }),
    level,
    paradigms: config.paradigms,
    language,
    exemplars,
    duplicates: duplicates === false ? undefined : { threshold: duplicates, seed },
    forbidden,
    model: opened?.model,
    calls: isAsked ? await ledger.open() : undefined,
    seed,
    from: config.of?.to,
    onProgress,
    signal,
  });
  if (config.of) await keepSettings({ ...config.of, to, verify: level });
  return summary;
}
