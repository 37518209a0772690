import type { Outcome, TrainingExample } from "@rag-instruct/core";

/** Why an example is rejected: a noise document answers its question, or nobody could tell. */
export type NoiseReason = "noise-answers" | "verdict-unreadable" | "verdict-unproved";

/** How the check of one example ended. */
export type NoiseOutcome = Outcome<TrainingExample, TrainingExample, NoiseReason>;
