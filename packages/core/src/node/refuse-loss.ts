import { isDeepStrictEqual } from "node:util";
import { RagInstructError } from "../errors.ts";
import { listText } from "../in-words.ts";
import { isThere } from "./files.ts";
import type { RunFolder, StageOrigin, StageRecord } from "./run-folder.ts";
import {
  asRecorded,
  type CheckedStage,
  checkRecorded,
  needsOf,
  type Stage,
  type StageResult,
  type StageWork,
} from "./stages.ts";

/** Whether finished, paid or reviewed data may be replaced: yes, no, or as the answer to what would be lost says. */
export type Replace = boolean | ((loss: string) => boolean | Promise<boolean>);

interface LossContext {
  /** Every stage of the run, also those that are not to run. */
  stages: readonly Stage[];
  folder: RunFolder;
}

/**
 * Throws `file-exists` where stages that are about to run would replace what is finished, paid for or reviewed by something of
 * another origin, or what was edited by hand, unless that is allowed. What is made anew from the same replies is no loss. What a stage
 * has at stake it says itself ({@link Stage.stakes}).
 */
export async function refuseLoss(
  checked: readonly CheckedStage[],
  { replace, ...context }: LossContext & { replace: Replace },
): Promise<void> {
  if (replace === true) return;
  const loss =
    (await editedFiles(checked, context)) ?? (await unknownFiles(checked, context)) ?? (await lost(checked, context));
  if (loss === undefined) return;
  const { what, instead } = loss;
  if (typeof replace === "function" && (await replace(what))) return;
  throw new RagInstructError("file-exists", `${what}; ${instead}, or replace it with --replace`);
}

interface Loss {
  /** What would be lost, and why. */
  what: string;
  /** How to keep it. */
  instead: string;
}

/** What was changed by hand since a stage made it. */
async function editedFiles(checked: readonly CheckedStage[], { folder }: LossContext): Promise<Loss | undefined> {
  for (const { stage } of checked) {
    if (stage.stakes?.isUnedited) continue;
    const [name, ...others] = await folder.edited(stage.name);
    if (name === undefined) continue;
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    const path = folder.path(name);
    return {
      what: `${path}${more} was changed since ${stage.name} made it, and would be made anew without those changes`,
      instead: stage.stakes?.edited?.[name]?.(path, folder.path(".")) ?? "keep what you changed elsewhere",
    };
  }
  return undefined;
}

/** What lies where a stage writes and was made by none here. */
async function unknownFiles(checked: readonly CheckedStage[], { folder }: LossContext): Promise<Loss | undefined> {
  for (const { stage } of checked) {
    if (stage.stakes?.isUnedited || lastOrBegun(stage, folder)) continue;
    for (const name of stage.outputs) {
      if (!(await isThere(folder.path(name)))) continue;
      const what = `${folder.path(name)} was not made by a run here, and ${stage.name} would replace it`;
      return { what, instead: "name another folder with --to" };
    }
  }
  return undefined;
}

/** What was paid for, computed or reviewed, and would be replaced by something of another origin. */
async function lost(checked: readonly CheckedStage[], { stages, folder }: LossContext): Promise<Loss | undefined> {
  const parts: string[] = [];
  for (const stage of stages) {
    const isToRun = checked.some((each) => each.stage.name === stage.name);
    const isOther = isMadeOfOther(stage, checked, { stages, folder });
    parts.push(...((await stage.stakes?.lost?.({ folder, isOther, isToRun })) ?? []));
  }
  if (parts.length === 0) return undefined;
  return {
    what: `${folder.path(".")} would lose ${listText(parts)}, since ${causeOf(checked, folder)}`,
    instead: "name another folder with --to",
  };
}

/** Whether a stage's data would be made from something else, by what it or a stage before it is made from now. */
function isMadeOfOther(stage: Stage, checked: readonly CheckedStage[], { stages, folder }: LossContext): boolean {
  const record = lastOrBegun(stage, folder);
  if (!record) return false;
  const now = checked.find((each) => each.stage.name === stage.name);
  if (now) return now.lineage !== record.lineage;
  if (folder.last(stage.name)?.given) return false;
  const needed = needsOf(stage, stages);
  return checked.some(({ stage: { name }, lineage }) => {
    const before = folder.last(name);
    return needed.includes(name) && before !== undefined && before.lineage !== lineage;
  });
}

/** Why: the first stage that would be made from something else, and what of it is another. */
function causeOf(checked: readonly CheckedStage[], folder: RunFolder): string {
  for (const { stage, inputs, lineage } of checked) {
    const { causes = {} } = stage.stakes ?? {};
    const record = lastOrBegun(stage, folder);
    if (record?.lineage === lineage) continue;
    const names = Object.keys(inputs).filter(
      (name) => !isDeepStrictEqual(asRecorded(inputs[name]), record?.inputs?.[name]),
    );
    const known = ["*", ...names].find((name) => causes[name]);
    if (known !== undefined) return causes[known]!;
  }
  return "fewer pairs are wanted";
}

function lastOrBegun({ name }: Stage, folder: RunFolder): StageOrigin | undefined {
  return folder.last(name) ?? folder.begun(name);
}

/** Options of {@link stageAgain}. */
export interface StageAgainOptions {
  folder: RunFolder;
  /** Every stage of the run, by which it is told whether the stage is finished. */
  stages: readonly Stage[];
  replace: Replace;
  /** Whether only a part of the stage's outputs is made, so that the next run makes it again. @default false */
  isPart?: boolean;
  /** Does the stage's work; `replacing` is to be called before what is made is put in its place. */
  work(replacing: () => Promise<void>): Promise<StageWork>;
}

/**
 * Does the work of one stage outside of a run, on what the folder has; the stages before it are not made. The stage is skipped where it is
 * finished and nothing has changed. The next run makes it again where it was made from files that were changed by hand, or only in part.
 * Throws as {@link refuseLoss} does.
 */
export async function stageAgain(
  stage: Stage,
  { folder, stages, replace, isPart = false, work }: StageAgainOptions,
): Promise<StageResult> {
  const made = await checkRecorded(stages.find(({ name }) => name === stage.name)!, { stages, folder });
  if (made?.before && !isPart) return { name: stage.name, skipped: true, ...made.before };
  const origin = made ?? { key: "", lineage: "", inputs: {} };
  await refuseLoss([{ stage, ...origin, before: undefined }], { stages: [stage], folder, replace });
  const start = performance.now();
  const { counts, files = stage.outputs } = await work(() => folder.replacing(stage.name));
  const record: StageRecord = {
    key: made?.isCurrent && !isPart ? made.key : "",
    lineage: origin.lineage,
    inputs: origin.inputs,
    outputs: await folder.describe(files),
    counts,
    seconds: Math.round(performance.now() - start) / 1000,
  };
  if (made) await folder.record(stage.name, record);
  return { name: stage.name, skipped: false, ...record };
}
