import { APICallError } from "ai";
import { tokensAbout } from "../text.ts";
import { type ModelObject, originalOf } from "./model-http.ts";
import type { RequestChange } from "./settings.ts";

/** Tokens of a reply at most, where no setting says so: a small model that loops would write until its context is full. */
const usualCeiling = 2048;
/** The same for a reply that was cut at the first ceiling, and from then on for a model that needed it. */
const raisedCeiling = 8192;
/** The same through a batch, where a reply that is cut would cost another day. */
export const batchCeiling = 4096;

// Safety factor on our guess of a prompt's tokens, so that the endpoint need not refuse a second time.
const margin = 1.05;
const spareTokens = 16;

const contextWords = /context length (?:is|of)(?: only)? (\d+)/i;
const inputWords = /(?<!\d)(\d+) (?:input tokens|prompt tokens|in the messages|in your prompt|tokens from the input)/i;
const outputWords =
  /supports at most (\d+) completion tokens|valid range of max_(?:completion_)?tokens is \[\d+, ?(\d+)\]|max_(?:completion_)?tokens\b.{0,60}(?:less than or equal to|<=|at most|maximum (?:value )?(?:is|of)) ?(\d+)/i;

/** The most output that a model's endpoint accepts, and the name of the field for it, both learned from its refusals. */
export class OutputLimits {
  #outputField: RequestChange["outputField"];
  #usual = usualCeiling;
  #maxOutput = Number.POSITIVE_INFINITY;
  #context: number | undefined;
  /** The endpoint's count of a prompt's tokens, divided by our guess. */
  #inputShare = 1;

  static readonly #known = new WeakMap<ModelObject, OutputLimits>();

  /** The limits of a model, which all runs in this process share. */
  static of(model: ModelObject): OutputLimits {
    const original = originalOf(model);
    const known = OutputLimits.#known.get(original) ?? new OutputLimits();
    OutputLimits.#known.set(original, known);
    return known;
  }

  /** The field that carries the ceiling, where it is not `max_tokens`. */
  get outputField(): RequestChange["outputField"] {
    return this.#outputField;
  }

  /** The ceiling of a reply whose settings give none. */
  get usual(): number {
    return this.#usual;
  }

  /** The ceiling to ask with for a reply that was cut at another; undefined where more would not fit. */
  above(ceiling: number, texts: readonly string[]): number | undefined {
    return this.fit(raisedCeiling, texts) > this.fit(ceiling, texts) ? raisedCeiling : undefined;
  }

  /** Takes note that a reply came to its end under the raised ceiling alone. */
  needsMore(): void {
    this.#usual = raisedCeiling;
  }

  /** A wanted ceiling as far as the endpoint bears it beside a prompt. */
  fit(wanted: number, texts: readonly string[]): number {
    const most = Math.min(wanted, this.#maxOutput);
    if (this.#context === undefined) return most;
    const room = this.#context - Math.ceil(tokensAbout(...texts) * this.#inputShare * margin) - spareTokens;
    // Our guess may be wrong: where it leaves no room for output, ask all the same and let the endpoint decide.
    return room > 0 ? Math.min(most, room) : Math.min(most, spareTokens);
  }

  /** What to ask with in the place of a ceiling that the endpoint has refused; undefined where the error is about something else. */
  learn(error: unknown, ceiling: number, texts: readonly string[]): number | undefined {
    if (!APICallError.isInstance(error) || (error.statusCode !== 400 && error.statusCode !== 422)) return undefined;
    const words = `${error.message} ${error.responseBody ?? ""}`;
    const context = numberIn(contextWords, words);
    if (context !== undefined)
      return this.#learnContext(context, { input: numberIn(inputWords, words), ceiling, texts });
    const most = numberIn(outputWords, words);
    if (most !== undefined && most > 0 && most < ceiling) {
      this.#maxOutput = most;
      return most;
    }
    if (this.#outputField || !isAboutField(words)) return undefined;
    this.#outputField = "max_completion_tokens";
    return ceiling;
  }

  #learnContext(
    context: number,
    { input, ceiling, texts }: { input: number | undefined; ceiling: number; texts: readonly string[] },
  ): number | undefined {
    const guess = tokensAbout(...texts);
    if (input !== undefined && guess > 0) this.#inputShare = Math.max(this.#inputShare, input / guess);
    this.#context = context;
    const room = input === undefined ? this.fit(ceiling, texts) : context - input;
    // Where the prompt alone is too long, a smaller ceiling does not help.
    return room > 0 && room < ceiling ? room : undefined;
  }
}

/** Whether a refusal asks for `max_completion_tokens` in the place of `max_tokens`. */
function isAboutField(words: string): boolean {
  return (
    /max_tokens/.test(words) && /max_completion_tokens/.test(words) && /unsupported|not supported|instead/i.test(words)
  );
}

function numberIn(pattern: RegExp, words: string): number | undefined {
  const digits = pattern
    .exec(words)
    ?.slice(1)
    .find((group) => group !== undefined);
  return digits === undefined ? undefined : Number(digits);
}
