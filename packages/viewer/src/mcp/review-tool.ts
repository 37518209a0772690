import { amount, badOption, describeReviews, optionLetter } from "@rag-instruct/core";
import { z } from "zod";
import { type Item, itemOf } from "../app/api.ts";
import type { RunIndex } from "../app/run-index.ts";
import type { AgentTools, ToolAnswer } from "../app/viewer-tools.ts";
import { verdicts } from "../shape.ts";

const words = (text: string) => z.string().optional().describe(text);

/** What the tool `review` takes. */
export const reviewInput = {
  id: words("Id of a pair: shows it with its documents, or decides on it."),
  decision: z
    .enum(["accepted", "rejected", "edited", "undone"])
    .optional()
    .describe(
      "What a person decided on the pair; `undone` takes their last decision back. Needs id, seen and reviewer.",
    ),
  seen: words("The hash `seen` that came with the pair: a decision holds for that text alone."),
  reviewer: words("Name of the person who decides."),
  reason: words("Why it is rejected."),
  edit: z
    .object({ question: z.string(), answer: z.string(), options: z.array(z.string()).optional() })
    .optional()
    .describe("The pair's new text, where the decision is `edited`."),
  text: words("Lists pairs whose question or answer holds these words."),
  paradigm: words("Lists pairs of this paradigm."),
  verdict: z.enum(verdicts).optional().describe("Lists pairs that ended so."),
  rejectedFor: words("Lists pairs that were rejected for this reason."),
  reviewed: z
    .enum(["none", "any", "accepted", "rejected", "edited"])
    .optional()
    .describe("Lists pairs that people decided on so; `none` for those that wait."),
  sample: z.int().min(1).max(200).optional().describe("Lists so many by chance, an equal share of each paradigm."),
  from: z.int().min(0).default(0).describe("Place in the list from which on."),
  size: z.int().min(1).max(100).default(20).describe("Pairs of the list at most."),
};

/** The same as it comes. */
export type ReviewInput = z.output<z.ZodObject<typeof reviewInput>>;

interface Reviewing extends Pick<AgentTools, "ruleOf" | "checkEdit"> {
  index: RunIndex;
  allowMake: boolean;
}

/** Lists pairs, shows one, or keeps a person's decision on one. */
export async function review(input: ReviewInput, given: Reviewing): Promise<ToolAnswer> {
  await given.index.refresh();
  if (input.decision !== undefined) return keep(input, given);
  return input.id === undefined ? list(input, given) : show(await pairOf(input.id, given));
}

/** One pair with all that led there. Throws `bad-option` where there is none. */
export async function pairOf(id: string, { index, ruleOf }: Pick<Reviewing, "index" | "ruleOf">): Promise<Item> {
  const row = index.byId(id);
  if (!row) throw badOption(`this run has no pair ${id}; review without an id lists those that it has`);
  const item = await index.item(row.number);
  const rule = ruleOf?.(item.paradigm);
  return itemOf(item, { number: row.number, reviews: await index.reviews(), rule, canJudge: false });
}

async function keep(input: ReviewInput, { index, allowMake, checkEdit }: Reviewing): Promise<ToolAnswer> {
  const { id, seen, reviewer, decision, reason, edit } = input;
  if (!allowMake)
    throw badOption("this server was started without --allow-make: it shows pairs and decisions, and keeps none");
  if (!id || !seen || !reviewer)
    throw badOption("a decision needs the pair's id, the hash `seen` that came with it, and the reviewer's name");
  const row = index.byId(id);
  const check = row && edit ? await checkEdit?.({ ...(await index.item(row.number)), ...edit }) : undefined;
  const decided = await index.decide({ id, seen, reviewer, decision, reason, edit });
  if (!decided)
    throw badOption(`pair ${id} is not any more what was seen; show it again, and decide on what it is now`);
  const found = check && !check.ok ? ` The free checks say of the new text: ${check.reason}: ${check.detail}` : "";
  const figures = describeReviews(decided.figures) ?? "No decision stands";
  return { text: `Kept: ${decision} by ${reviewer}.${found}\n${figures}.`, json: { ...decided, check } };
}

async function list(input: ReviewInput, { index }: Reviewing): Promise<ToolAnswer> {
  const { text, paradigm, verdict, rejectedFor, reviewed, sample, from, size } = input;
  const reviews = await index.reviews();
  const filter = { text, paradigm, verdict, reason: rejectedFor, review: reviewed };
  const found = await index.find({ ...filter, sample: sample ? { size: sample, seed: 1 } : undefined });
  const pairs = found.slice(from, from + size).map((row) => {
    const { id, paradigm, question, verdict, reason } = row;
    return { id, paradigm, question, verdict, reason, decision: reviews.of(row)?.decision };
  });
  const figures = reviews.figures(index.rows());
  const lines = pairs.map(({ id, paradigm, question, verdict, reason, decision }) =>
    [id, reason ? `${verdict} (${reason})` : verdict, paradigm, decision ? `${decision} by a person` : "", question]
      .filter(Boolean)
      .join(" · "),
  );
  const places = pairs.length > 0 ? `, ${from + 1} to ${from + pairs.length} of them` : `, none from ${from} on`;
  const head = `${amount(found.length, "pair")}${pairs.length < found.length ? places : ""}:`;
  const people = describeReviews(figures) ?? "Nobody has decided on a pair yet";
  return { text: [head, ...lines, "", `${people}.`].join("\n"), json: { total: found.length, pairs, figures } };
}

function show(item: Item): ToolAnswer {
  const { id, paradigm, rule, verdict, reason, detail, question, answer, options = [], documents, seen, review } = item;
  const { history = [] } = item;
  const lines = [
    `${id} · ${paradigm} · ${verdict}${reason ? ` (${reason}${detail ? `: ${detail}` : ""})` : ""}`,
    ...(rule ? [rule] : []),
    "",
    ...history.flatMap((turn) => [`Earlier question: ${turn.question}`, `Earlier answer: ${turn.answer}`]),
    `Question: ${question}`,
    ...options.map((option, i) => `  ${optionLetter(i)}  ${option}`),
    `Answer: ${answer}`,
    ...documents.map(({ id, title, text, role }) => `\n[${role} ${id}] ${title}\n${text}`),
    "",
    review
      ? `${review.decision} by ${review.reviewer}${review.reason ? `: ${review.reason}` : ""}`
      : "Nobody has decided on it.",
    `seen: ${seen}`,
  ];
  return { text: lines.join("\n"), json: { pair: item } };
}
