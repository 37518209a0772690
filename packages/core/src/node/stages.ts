import type { CallsSummary } from "../calls/account.ts";
import type { LazyCalls } from "../calls/calls.ts";
import { RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { programName } from "../in-words.ts";
import type { OnProgress } from "../plug-points.ts";
import { mergeSpending, spendingSince } from "../spending.ts";
import { isThere } from "./files.ts";
import type { PaidCalls, Recall, RunFolder, StageOrigin, StageRecord } from "./run-folder.ts";

/** One step of a pipeline that leaves files in a run folder. `Context` is what its work is given. */
export interface Stage<Context = never> {
  name: string;
  /** Names of the stages whose outputs it reads. @default all stages before it */
  needs?: readonly string[];
  /** Everything its outputs depend on besides the stages it needs, as JSON; a function where that takes reading. */
  inputs: StageOrigin["inputs"] | ((recall: Recall) => Promise<StageOrigin["inputs"]>);
  /** Inputs whose change leaves of use what was paid for: replies come from the ledger again. */
  keeps?: readonly string[];
  /** Who answers its paid calls, and how many at the same time; a stage without paid calls says nothing. */
  caller?: Pick<PaidCalls, "model" | "verify" | "turns" | "concurrency">;
  /** Files and folders that it leaves in the run folder. */
  outputs: readonly string[];
  /** What people may have in its outputs, and what would be lost of them. @default it is asked for nothing */
  stakes?: StageStakes;
  /** Does the work. `counts` depend on the inputs alone; `open` counts what a later run would try once more. */
  run(context: Context): Promise<StageWork>;
}

/** What stands against making a stage from something else. */
export interface StageStakes {
  /** True where nobody edits its outputs, such as those of an index. @default false */
  isUnedited?: boolean;
  /** Ways to go on with what a file holds now that was changed by hand, by its name. */
  edited?: Readonly<Record<string, (path: string, run: string) => string>>;
  /** What it means that an input is another, by its name, such as "the seed is another"; under `*` that any is. */
  causes?: Readonly<Record<string, string>>;
  /**
   * What was paid for, computed or reviewed and would be lost, in parts such as "20 pairs".
   * @param made.isOther whether it would be made from something else @param made.isToRun whether it is about to run
   */
  lost?(made: { folder: RunFolder; isOther: boolean; isToRun: boolean }): Promise<string[]>;
}

/** What a stage came to. */
export interface StageWork extends Pick<StageRecord, "counts" | "note" | "leftOut" | "open" | "paradigms"> {
  /** Files and folders that it left, where only it can say which. @default its `outputs` */
  files?: readonly string[];
  /** Why it ended before its end; what it left is recorded as unfinished, and the error is thrown. */
  stopped?: unknown;
}

/** What all stages of a run share. */
export interface RunContext {
  folder: RunFolder;
  /** The run's paid calls, of which each stage's part is recorded. */
  calls: Pick<LazyCalls, "summary" | "spending">;
  onProgress: OnProgress;
  /** Asked after each stage: the stage to go back to, where what came of it calls for other data. @default none */
  goBack?(result: StageResult): Promise<string | undefined>;
  signal?: AbortSignal;
}

/** What one stage is given beside that. */
export interface StageTools {
  /** Hash of what the stage is made from. */
  key: string;
  /** To be called before what the stage has made is put in its place. */
  replacing(): Promise<void>;
}

/** What stages are run again for: what they left open, all that they rejected as well, or neither. */
export type Retries = "none" | "unusable" | "all";

/** How a stage ended. */
export interface StageResult extends StageRecord {
  name: string;
  /** True when nothing had changed and nothing was done. */
  skipped: boolean;
  /** What it took this time, such as paid calls. */
  spent?: Record<string, number>;
}

/** The stages that some of them need, they themselves included, in their order. */
export function stagesUntil<S extends Stage>(stages: readonly S[], last: readonly string[]): S[] {
  const wanted = new Set(last);
  for (const stage of stages.toReversed()) {
    if (wanted.has(stage.name)) for (const name of needsOf(stage, stages)) wanted.add(name);
  }
  return stages.filter(({ name }) => wanted.has(name));
}

/** A stage, what it would be made from now and, where nothing has changed since, its record. */
export interface CheckedStage<S extends Stage = Stage> extends StageOrigin {
  stage: S;
  before: StageRecord | undefined;
}

/**
 * Runs stages in order; each is skipped when neither its inputs nor any stage it needs has changed. Where `goBack` names a stage,
 * that one and those behind it come once more, with what they are made from by then.
 */
export async function* runStages<C extends RunContext>(
  checked: readonly CheckedStage<Stage<C & StageTools>>[],
  context: C,
): AsyncGenerator<StageResult> {
  const { folder, signal } = context;
  let left = checked;
  const accounts = new Map(checked.map(({ stage }): [string, StageAccount] => [stage.name, {}]));
  for (let at = 0; at < left.length; at++) {
    const { stage, before } = left[at]!;
    const { name } = stage;
    signal?.throwIfAborted();
    const result = before
      ? { name, skipped: true, ...before }
      : await runStage(left[at]!, { context, account: accounts.get(name)! });
    yield result;
    // Of a stage that is finished too: a run may have been killed before it went back.
    const back = await context.goBack?.(result);
    if (back === undefined) continue;
    const from = left.findIndex((each) => each.stage.name === back);
    const stages = left.map((each) => each.stage);
    left = await checkStages(stages, { folder, known: left.slice(0, from) });
    at = from - 1;
  }
}

/** What a stage has cost in this run, in which it may come more than once. */
type StageAccount = Pick<StageRecord, "cost" | "paid">;

/** Runs one stage and records what came of it. Throws what stopped it. */
async function runStage<C extends RunContext>(
  { stage, key, lineage, inputs }: CheckedStage<Stage<C & StageTools>>,
  { context, account }: { context: C; account: StageAccount },
): Promise<StageResult> {
  const { folder, calls, onProgress } = context;
  const { name, caller } = stage;
  const start = performance.now();
  onProgress({ stage: name, done: 0 });
  await folder.begin(name, { key, lineage, inputs });
  const paidBefore = await calls.summary();
  const spentBefore = await calls.spending();
  const work = await stage.run({ ...context, key, replacing: () => folder.replacing(name) });
  const paidAfter = await calls.summary();
  const spent = spentBetween(paidBefore, paidAfter);
  const seconds = Math.round(performance.now() - start) / 1000;
  const { stopped, files = stage.outputs, ...came } = work;
  const outputs = await folder.describe(files);
  account.paid = addPaid(caller && paidBetween(paidBefore, paidAfter, { ...caller, seconds }), account.paid);
  const cost = mergeSpending([account.cost ?? {}, spendingSince(spentBefore, await calls.spending())]);
  account.cost = cost;
  const paid = account.paid ?? folder.last(name)?.paid;
  const record: StageRecord = { key: stopped ? "" : key, lineage, inputs, outputs, ...came, seconds, paid };
  if (Object.keys(cost).length > 0) record.cost = cost;
  await folder.record(name, record);
  if (stopped) throw stopped;
  return { name, skipped: false, ...record, spent };
}

/** Options of {@link checkStages}. */
export interface CheckStagesOptions<S extends Stage = Stage> extends Pick<RunContext, "folder" | "signal"> {
  /** @default "none" */
  retries?: Retries;
  /** Of which stages input files that are gone are taken as the run recorded them. @default none */
  mayBeGone?: (stage: string) => boolean;
  /** The first of the stages, as they were checked already. @default none */
  known?: readonly CheckedStage<S>[];
  /** Told of each input that was taken so, with what reading it came to. */
  onGone?: (stage: string, why: string) => void;
}

/** What each stage would be made from now. Throws what reading its inputs throws. */
export async function checkStages<S extends Stage>(
  stages: readonly S[],
  { folder, signal, retries = "none", mayBeGone = () => false, onGone, known = [] }: CheckStagesOptions<S>,
): Promise<CheckedStage<S>[]> {
  const checked: CheckedStage<S>[] = [...known];
  for (const stage of stages.slice(known.length)) {
    signal?.throwIfAborted();
    const needed = needsOf(stage, stages);
    const records = checked.filter((each) => needed.includes(each.stage.name));
    const origin = await originOf(stage, records, { folder, mayBeGone, onGone });
    const before = await folder.finished(stage.name, origin.key);
    const { given } = folder.last(stage.name) ?? {};
    if (given && !before) await requireGiven(stage, given, folder);
    checked.push({ stage, ...origin, before: before && isLeftOpen(stage, before, retries) ? undefined : before });
  }
  return checked;
}

function isLeftOpen({ caller }: Stage, { open = 0, counts, given }: StageRecord, retries: Retries): boolean {
  if (given) return false;
  if (retries === "all") return caller !== undefined && open + (counts.rejected ?? 0) > 0;
  return retries === "unusable" && open > 0;
}

/** What a folder records of a stage, as {@link checkRecorded} finds it. */
interface RecordedStage extends StageOrigin {
  /** Whether the outputs of the stages that it needs are still those that they left. */
  isCurrent: boolean;
  /** Its record, where it was made on top of them and nothing has changed since. */
  before: StageRecord | undefined;
}

/**
 * A stage by what the folder records of it and of the stages that it needs. No document is read, so that a run can be looked at
 * without them. Undefined where a stage that it needs was never made.
 */
export async function checkRecorded(
  stage: Stage,
  { stages, folder }: { stages: readonly Stage[]; folder: RunFolder },
): Promise<RecordedStage | undefined> {
  const records: StageRecord[] = [];
  let isCurrent = true;
  for (const name of needsOf(stage, stages)) {
    const record = folder.last(name);
    if (record === undefined) return undefined;
    records.push(record);
    isCurrent &&= (await folder.finished(name, record.key)) !== undefined;
  }
  const origin = await originOf(stage, records, { folder, mayBeGone: () => true });
  return { ...origin, isCurrent, before: isCurrent ? await folder.finished(stage.name, origin.key) : undefined };
}

/** Throws `file-missing` where what a command put in place of a stage is no longer all there: the stage has nothing to make it from. */
async function requireGiven({ name, outputs }: Stage, given: string, folder: RunFolder): Promise<void> {
  for (const output of outputs) {
    if (await isThere(folder.path(output))) continue;
    const message = `${folder.path(output)} is gone, which ${programName()} ${given} made in place of ${name}; ${given} again`;
    throw new RagInstructError("file-missing", message);
  }
}

/** What a stage is made from, on top of the stages that it needs. */
async function originOf(
  stage: Stage,
  needed: readonly StageOrigin[],
  {
    folder,
    mayBeGone,
    onGone,
  }: Required<Pick<CheckStagesOptions, "folder" | "mayBeGone">> & Pick<CheckStagesOptions, "onGone">,
): Promise<StageOrigin> {
  const last = folder.last(stage.name);
  if (last?.given) return last;
  const recall: Recall = async (name, read) => {
    try {
      return await read();
    } catch (error) {
      const recorded = last?.inputs?.[name];
      if (!mayBeGone(stage.name) || recorded === undefined || !RagInstructError.is(error, "file-missing")) throw error;
      onGone?.(stage.name, error.message);
      return recorded as Awaited<ReturnType<typeof read>>;
    }
  };
  const inputs = typeof stage.inputs === "function" ? await stage.inputs(recall) : stage.inputs;
  const decisive = Object.entries(inputs).filter(([name]) => !stage.keeps?.includes(name));
  return {
    key: hashOf([stage.name, inputs, needed.map(({ key }) => key)]),
    lineage: hashOf([stage.name, Object.fromEntries(decisive), needed.map(({ lineage }) => lineage)]),
    inputs,
  };
}

/** Names of the stages that one needs, of those that there are. */
export function needsOf(stage: Stage, stages: readonly Stage[]): string[] {
  const there = stages.slice(0, stages.indexOf(stage)).map(({ name }) => name);
  return stage.needs ? there.filter((name) => stage.needs!.includes(name)) : there;
}

/** What was paid between two summaries, for the estimates of later runs; nothing where no reply was paid for. */
function paidBetween(
  before: CallsSummary,
  after: CallsSummary,
  of: Pick<PaidCalls, "model" | "verify" | "turns" | "concurrency" | "seconds">,
): PaidCalls | undefined {
  const made = after.made - before.made;
  if (made === 0) return undefined;
  return {
    ...of,
    made,
    reused: after.reused - before.reused,
    inputTokens: after.inputTokens - before.inputTokens,
    outputTokens: after.outputTokens - before.outputTokens,
  };
}

/** The calls of a stage that was come back to, with those of the time before. */
function addPaid(paid: PaidCalls | undefined, before: PaidCalls | undefined): PaidCalls | undefined {
  if (!paid || !before) return paid ?? before;
  const sum = { ...paid, reused: before.reused };
  for (const part of ["made", "inputTokens", "outputTokens", "seconds"] as const) sum[part] += before[part];
  return sum;
}

/** What was paid between two summaries, for a stage's account; nothing where no call was made. */
function spentBetween(before: CallsSummary, after: CallsSummary): Record<string, number> | undefined {
  const [made, reused, usd] = [after.made - before.made, after.reused - before.reused, after.usd - before.usd];
  if (made + reused === 0) return undefined;
  const spent: Record<string, number> = { "calls made": made, "from the ledger": reused };
  if (usd > 0) spent["US dollars"] = usd;
  return spent;
}

/** An input as it is read back from a record. */
export function asRecorded(input: unknown): unknown {
  return input === undefined ? undefined : JSON.parse(JSON.stringify(input));
}
