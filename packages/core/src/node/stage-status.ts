import { isDeepStrictEqual } from "node:util";
import { RagInstructError } from "../errors.ts";
import { amount, dollarsText } from "../in-words.ts";
import { type SpendingByPurpose, tokensText } from "../spending.ts";
import { countsText } from "./progress-view.ts";
import type { RunFolder, StageOrigin, StageRecord } from "./run-folder.ts";
import { asRecorded, type CheckedStage, type CheckStagesOptions, checkStages, needsOf, type Stage } from "./stages.ts";

/** How a stage of a run stands. */
export interface StageStatus {
  name: string;
  /** `done`: the next run skips it; `again`: the next run makes it anew; `missing`: it has not been made. */
  state: "done" | "again" | "missing";
  /** Why it is not done. */
  why?: string;
  /** As it last ended. */
  counts: Readonly<Record<string, number>>;
  /** What it found or chose that is no count. */
  note?: string;
  seconds: number;
}

/**
 * How the stages of a run stand: what they counted, and which of them the next run would make again and why. Nothing is made. Where inputs
 * are gone, stages count as unchanged by them, and `unchecked` says what could not be read.
 */
export async function stageStatuses(
  stages: readonly Stage[],
  { folder, signal }: { folder: RunFolder; signal?: AbortSignal },
): Promise<{ stages: StageStatus[]; unchecked?: string }> {
  const unread = new Set<string>();
  const options: CheckStagesOptions = {
    folder,
    signal,
    retries: "unusable",
    mayBeGone: () => true,
    onGone: (_, why) => unread.add(why),
  };
  const checked = await checkStages(stages, options).catch((error: unknown) => {
    if (!RagInstructError.is(error)) throw error;
    unread.add(error.message);
    return byRecords(stages, folder);
  });
  const statuses: StageStatus[] = [];
  for (const each of checked) {
    const { name } = each.stage;
    const needed = needsOf(each.stage, stages);
    const first = statuses.find((status) => needed.includes(status.name) && status.state !== "done");
    const record = folder.last(name);
    const why = each.before && !first ? undefined : await whyAgain(each, { folder, record, first: first?.name });
    statuses.push(recordedStatus(name, record, why));
  }
  return { stages: statuses, unchecked: unread.size > 0 ? [...unread].join("; ") : undefined };
}

/** How a stage stands by its record, and by why it is not done. */
export function recordedStatus(name: string, record: StageRecord | undefined, why?: string): StageStatus {
  const state = !record ? "missing" : why === undefined ? "done" : "again";
  return { name, state, why, counts: record?.counts ?? {}, note: record?.note, seconds: record?.seconds ?? 0 };
}

/** Stages by their records alone, for inputs that cannot be read. */
function byRecords(stages: readonly Stage[], folder: RunFolder): Promise<CheckedStage[]> {
  return Promise.all(
    stages.map(async (stage) => {
      const { key = "", lineage = "", inputs = {} } = folder.last(stage.name) ?? {};
      return { stage, key, lineage, inputs, before: await folder.finished(stage.name, key) };
    }),
  );
}

async function whyAgain(
  { stage, inputs }: CheckedStage,
  { folder, record, first }: { folder: RunFolder; record: StageRecord | undefined; first: string | undefined },
): Promise<string> {
  if (!record) return folder.begun(stage.name) ? "it was begun and has not ended" : "it has not been made";
  const edited = await folder.edited(stage.name);
  if (edited.length > 0) return `${edited.join(", ")} was changed by hand`;
  const changed = changes(record.inputs, inputs);
  if (changed.length > 0) return changed.join(", ");
  if (first !== undefined) return `${first} comes before it`;
  if (record.key === "") return "it was stopped before its end";
  if (record.open) return `${record.open} replies could not be used, and are asked for again`;
  return "its files are not there as it left them";
}

function changes(before: StageOrigin["inputs"] = {}, now: StageOrigin["inputs"]): string[] {
  const names = Object.keys({ ...before, ...now });
  return names
    .filter((name) => !isDeepStrictEqual(before[name], asRecorded(now[name])))
    .map((name) => `${name} ${shown(before[name])} → ${shown(now[name])}`);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

/** How a run stands, in lines: its stages, what they cost, what the next run makes again, and what could not be checked. */
export function statusLines(
  stages: readonly StageStatus[],
  { cost, unchecked }: { cost: SpendingByPurpose; unchecked?: string },
): string[] {
  const spent = Object.entries(cost).map(([purpose, { usd, ...counts }]) => {
    const dollars = usd > 0 ? `, ${dollarsText(usd)}` : "";
    return `  ${purpose.padEnd(11)} ${amount(counts.replies, "reply", "replies")}, ${tokensText(counts)}${dollars}`;
  });
  const again = stages.filter(({ state }) => state !== "done").map(({ name }) => name);
  return [
    ...stages.map(lineOf),
    "",
    ...(spent.length > 0 ? ["Cost", ...spent] : ["No reply was paid for."]),
    "",
    again.length === 0 ? "The next run would change nothing." : `The next run makes ${again.join(", ")}.`,
    ...(unchecked === undefined ? [] : [`Not checked: ${unchecked}; what was made of it is taken as it is.`]),
  ];
}

function lineOf({ name, state, why, counts, note }: StageStatus): string {
  const came = [countsText(counts), note].filter(Boolean).join(", ");
  const facts = [came, state === "done" ? "" : `${state}: ${why}`].filter((part) => part !== "");
  return `${state === "done" ? "✓" : "·"} ${name.padEnd(11)} ${facts.join("; ")}`;
}
