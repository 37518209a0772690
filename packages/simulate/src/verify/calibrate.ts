import { join } from "node:path";
import {
  badOption,
  type Calibration,
  calibration,
  calibrationLines,
  type JudgedPair,
  numberText,
  type Pair,
  programName,
  type Reviewable,
  type Reviews,
  seededRandom,
  seenHash,
  shellWord,
} from "@rag-instruct/core";
import { hashReviews, isRunFolder, type Refused, readJsonl, readReviews, readRunFolder } from "@rag-instruct/core/node";
import type { DuplicateReason } from "../duplicates/drop-duplicates.ts";
import { readReplaced } from "../synthesis/replaced.ts";
import { pairIdOf, type SynthesisReason } from "../synthesis/write-pair.ts";
import type { VerifyEvidence } from "./verify.ts";

/** Options of {@link calibrate}. */
export interface CalibrateOptions {
  /** How far the interval of the share of good pairs is to reach to either side. @default 0.05 */
  margin?: number;
  /** Pairs to name that should be reviewed next. @default 0 */
  next?: number;
  /** Of what is named. @default 1 */
  seed?: number;
  signal?: AbortSignal;
}

/** A pair that should be reviewed. */
export interface UnreviewedPair {
  id: string;
  paradigm: string;
  /** Empty where the run keeps the reply alone. */
  question: string;
  isAccepted: boolean;
}

/** A run's judge compared with the people who reviewed its pairs. */
export interface RunCalibration extends Calibration {
  /** Where the verdicts are: the run, or `verified` in it. */
  of: string;
  /** Pairs that nobody reviewed, drawn by chance from what was accepted and rejected as it tells most. */
  next: UnreviewedPair[];
}

/** Where the pairs of a run are verified to, unless another folder is named. */
const verifiedFolder = "verified";

/** What happens to a pair after its verdict, and says nothing against it. */
const afterVerdict: ReadonlySet<string> = new Set<DuplicateReason | SynthesisReason>([
  "exact-duplicate",
  "near-duplicate",
  "unassembled",
]);

/**
 * Compares what a model judged (`judge` or `proof`) with what people decided: verdicts from `pairs.jsonl` and `rejected.jsonl` of the run,
 * else of `verified` in it, decisions from its `reviews.jsonl` and from that of the run around it. A pair is good where a person accepted it
 * as it was judged; what was edited was not, unless the judge saw the new text. Pairs that were replaced because a person rejected them count
 * still. Reads the run once, and writes nothing. Throws `bad-record` and `bad-option`.
 */
export async function calibrate(run: string, options: CalibrateOptions = {}): Promise<RunCalibration> {
  const { margin = 0.05 } = options;
  if (!(margin > 0 && margin < 0.5)) throw badOption(`margin ${margin} must be between 0 and 0.5, such as 0.05`);
  const found = await calibrateFolder(run, options);
  const verified = join(run, verifiedFolder);
  return found.accepted + found.rejected > 0 || !(await isRunFolder(verified))
    ? found
    : calibrateFolder(verified, options);
}

/** A calibration as it is read: in lines, with the pairs that should be reviewed next. */
export function calibrationText(found: RunCalibration): string {
  const { of, next, accepted, rejected, unjudged } = found;
  const run = shellWord(of);
  const lines =
    accepted + rejected > 0
      ? calibrationLines(found)
      : [
          `No model has judged a pair of ${of}; words alone have looked at ${numberText(unjudged)}. Judge them with: ${programName()} verify ${run} --level judge`,
        ];
  if (next.length > 0) lines.push("", `To review next (find them by their id in rag-instruct view ${run}):`);
  for (const { id, paradigm, isAccepted, question } of next)
    lines.push(`  ${id}  ${isAccepted ? "accepted" : "rejected"}  ${paradigm}  ${question}`);
  return `${lines.join("\n")}\n`;
}

/** A hash of what {@link calibrate} rests on beside a run's own pairs, for the keys of what shows it; undefined where nobody decided. */
export async function hashDecisions(run: string): Promise<string | undefined> {
  const reviews = await hashReviews(run);
  if (reviews === undefined) return undefined;
  const { last } = await readRunFolder(join(run, verifiedFolder));
  return [reviews, last("synthesize")?.key].filter(Boolean).join(" ");
}

async function calibrateFolder(run: string, options: CalibrateOptions): Promise<RunCalibration> {
  const { margin = 0.05, next = 0, seed = 1, signal } = options;
  const reviews = await readReviews(run);
  const judged: JudgedPair[] = [];
  const unreviewed: UnreviewedPair[] = [];
  const replaced = new Set((await readReplaced(run)).keys());
  let disputed = 0;
  let unjudged = 0;
  for await (const { isAccepted, shown } of verdictsIn(run, signal)) {
    const [{ id, paradigm, question }] = shown;
    replaced.delete(id);
    if (isAccepted === undefined) {
      unjudged++;
      continue;
    }
    const decided = shown.map((pair) => goodBy(pair, reviews)).find((each) => each.length > 0) ?? [];
    if (new Set(decided).size > 1) disputed++;
    if (decided.length === 0 && next > 0) unreviewed.push({ id, paradigm, question, isAccepted });
    judged.push({ paradigm, isAccepted, isGood: decided.at(-1) });
  }
  // Pairs that it accepted, and that others were written in the place of after people had decided on them.
  for (const id of judged.length > 0 ? replaced : []) {
    const { paradigm, decision } = reviews.ofId(id) ?? {};
    if (paradigm !== undefined) judged.push({ paradigm, isAccepted: true, isGood: decision === "accepted" });
  }
  const { agreement: people } = reviews.figures();
  const found = calibration(judged, { margin, people, disputed, unjudged });
  return { ...found, of: run, next: drawn(unreviewed, { size: next, seed, ...found }) };
}

/** A pair or a task of a run, as it may have been shown to people, and what the judge said of it; undefined where none was asked. */
interface FoundVerdict {
  isAccepted: boolean | undefined;
  shown: readonly [Reviewable, ...Reviewable[]];
}

async function* verdictsIn(run: string, signal: AbortSignal | undefined): AsyncGenerator<FoundVerdict> {
  const read = <T>(name: string) => readJsonl<T>(join(run, name), { signal, mayBeMissing: true });
  for await (const pair of read<Pair>("pairs.jsonl"))
    yield { isAccepted: wasJudged(pair.evidence) ? true : undefined, shown: [pair] };
  for await (const refused of read<Refused<Partial<Pair> & { paradigm: string }>>("rejected.jsonl")) {
    const { id, input } = refused;
    if (refused.status === "failed" || afterVerdict.has(refused.reason) || !wasJudged(input.evidence)) continue;
    const { paradigm, question = "", answer = "", options } = input;
    const task = { id, paradigm, question, answer, options };
    // People may have seen it as a pair, before it was judged.
    yield { isAccepted: false, shown: [task, { ...task, id: pairIdOf(id, task) }] };
  }
}

function wasJudged(evidence: unknown): boolean {
  const { verify } = (evidence ?? {}) as Partial<VerifyEvidence>;
  return verify !== undefined && verify.level !== "lexical";
}

/** Whether each of those who decided on a pair calls it good as it is; whoever decided last stands last. */
function goodBy(pair: Reviewable, reviews: Reviews): boolean[] {
  return reviews.byEach(pair).map(({ decision, edit }) => {
    const isNewText = edit !== undefined && seenHash({ ...pair, ...edit, options: edit.options }) === seenHash(pair);
    return decision === "accepted" || isNewText;
  });
}

/** So many by chance, of accepted and rejected ones in the proportion in which more are needed. */
function drawn(
  pairs: readonly UnreviewedPair[],
  { size, seed, needed }: { size: number; seed: number } & Pick<Calibration, "needed">,
): UnreviewedPair[] {
  const order = new Map(pairs.map((pair) => [pair, seededRandom("calibrate", seed, pair.id).next()]));
  const shuffled = pairs.toSorted((a, b) => order.get(a)! - order.get(b)!);
  const wanted = needed.accepted + needed.rejected;
  const share = wanted > 0 ? needed.accepted / wanted : pairs.filter((pair) => pair.isAccepted).length / pairs.length;
  const [accepted, rejected] = [true, false].map((is) => shuffled.filter((pair) => pair.isAccepted === is)) as [
    UnreviewedPair[],
    UnreviewedPair[],
  ];
  const ofAccepted = Math.max(size - rejected.length, Math.min(accepted.length, Math.round(size * share)));
  return [...accepted.slice(0, ofAccepted), ...rejected.slice(0, size - Math.min(ofAccepted, accepted.length))];
}
