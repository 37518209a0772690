import { dpo } from "../exports/dpo.ts";
import { grpo } from "../exports/grpo.ts";
import { verl } from "../exports/verl.ts";
import type { AlignmentFormat } from "./alignment-format.ts";

/** The formats for training by rewards and by preferences. */
export const alignmentFormats = { grpo, verl, dpo } as const satisfies Record<string, AlignmentFormat>;

/** Ids of the formats for training by rewards and by preferences. */
export type AlignmentFormatId = keyof typeof alignmentFormats;
