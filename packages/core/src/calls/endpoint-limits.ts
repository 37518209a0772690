import { APICallError, asSchema, type FlexibleSchema, jsonSchema, Output } from "ai";
import { tokensAbout } from "../text.ts";
import { isObject } from "../types.ts";
import { judgeFailure } from "./failure.ts";
import { type ModelObject, originalOf } from "./model-http.ts";
import { failedGeneration } from "./read-reply.ts";
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

  /** The wanted ceiling, or as much of it as the endpoint takes beside a prompt of this length. */
  fit(wanted: number, texts: readonly string[]): number {
    const most = Math.min(wanted, this.#maxOutput);
    if (this.#context === undefined) return most;
    const room = this.#context - Math.ceil(tokensAbout(...texts) * this.#inputShare * margin) - spareTokens;
    // Our guess may be wrong: where it leaves no room for output, ask all the same and let the endpoint decide.
    return room > 0 ? Math.min(most, room) : Math.min(most, spareTokens);
  }

  /** What to ask with instead of a ceiling that the endpoint has refused; undefined where the error is about something else. */
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

/** Whether a refusal asks for `max_completion_tokens` instead of `max_tokens`. */
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

/** What carries a schema to a model. */
type JsonOutput = ReturnType<typeof Output.object>;

// Turning a schema to JSON Schema costs more than the rest of a call.
const outputs = new WeakMap<object, JsonOutput>();

/** A schema as structured output, made once. */
export async function outputFor(schema: FlexibleSchema<unknown>): Promise<JsonOutput> {
  const known = outputs.get(schema as object);
  if (known) return known;
  const made = Output.object({ schema: jsonSchema(withoutSafeBounds(await asSchema(schema).jsonSchema)) });
  // The caller parses the text. If the AI SDK did, it would throw a text away that it cannot parse, and with it the reason why the
  // reply ended.
  const output = { ...made, parseCompleteOutput: async () => undefined } as unknown as JsonOutput;
  outputs.set(schema as object, output);
  return output;
}

/** The bounds that Zod gives every whole number say nothing, and some servers take no schema with bounds. */
function withoutSafeBounds<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(withoutSafeBounds) as T;
  if (!isObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([name, value]) => !isSafeBound(name, value));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutSafeBounds(value)])) as T;
}

function isSafeBound(name: string, value: unknown): boolean {
  if (name === "minimum") return value === Number.MIN_SAFE_INTEGER;
  return name === "maximum" && value === Number.MAX_SAFE_INTEGER;
}

const schemaWords = /response_format|text\.format|json_schema|structured|guided/i;
// After this many trials without a schema that failed too, the schema is not to blame.
const maxVainTrials = 3;

/**
 * Finds out whether one model's endpoint takes schemas. Endpoints refuse them in many words, or with a bare 500, so that a refused call is
 * asked once without: where that goes well, no schema is sent any more.
 */
export class SchemaTrials {
  #isRefused = false;
  #taken = new WeakSet<object>();
  #underWay: Promise<void> | undefined;
  #vainTrials = 0;
  #hasGoneWell = false;
  #serverErrors = 0;

  static readonly #known = new WeakMap<ModelObject, SchemaTrials>();

  /** The trials of a model, which all runs in this process share. */
  static of(model: ModelObject): SchemaTrials {
    const known = SchemaTrials.#known.get(model) ?? new SchemaTrials();
    SchemaTrials.#known.set(model, known);
    return known;
  }

  /** Whether no schema is to be sent. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** After an answer to a call with this schema. */
  noteTaken(schema: object): void {
    this.#taken.add(schema);
    this.#serverErrors = 0;
    this.#hasGoneWell = false;
  }

  /** Whether a request with this schema was answered. */
  hasTaken(schema: object): boolean {
    return this.#taken.has(schema);
  }

  /** Whether an error says in words that the endpoint takes no schema; from then on none is sent. */
  noteRefusal(error: unknown): boolean {
    if (!APICallError.isInstance(error) || (error.statusCode !== 400 && error.statusCode !== 422)) return false;
    if (!speaksOfSchemas(error) || failedGeneration(error) !== undefined) return false;
    this.#isRefused = true;
    return true;
  }

  /**
   * After an error of a call with a schema: asks without it where the schema may be at fault, else throws the error. Of several
   * calls one tries, and the others wait for what comes of it.
   */
  async askWithout<T>(error: unknown, schema: object, ask: () => Promise<T>): Promise<T> {
    if (!isSuspicious(error)) throw error;
    const isServerError = error.statusCode! >= 500;
    if (isServerError) this.#serverErrors++;
    if (this.#isRefused || this.noteRefusal(error)) return ask();
    if (this.#taken.has(schema) || this.#vainTrials >= maxVainTrials) throw error;
    if (this.#underWay) await this.#underWay;
    // A server may fail by chance: one error and one success prove nothing, two errors do.
    if (isServerError && this.#hasGoneWell && this.#serverErrors > 1) this.#isRefused = true;
    if (this.#isRefused) return ask();
    if (this.#underWay || this.#taken.has(schema) || this.#vainTrials >= maxVainTrials) throw error;
    return this.#try(error, ask);
  }

  async #try<T>(error: APICallError, ask: () => Promise<T>): Promise<T> {
    const trial = Promise.withResolvers<void>();
    this.#underWay = trial.promise;
    try {
      const reply = await ask();
      this.#hasGoneWell = true;
      if (error.statusCode! < 500) this.#isRefused = true;
      return reply;
    } catch (thrown) {
      if (!isSuspicious(thrown)) throw thrown;
      this.#vainTrials++;
      throw error;
    } finally {
      this.#underWay = undefined;
      trial.resolve();
    }
  }
}

function isSuspicious(error: unknown): error is APICallError {
  if (!APICallError.isInstance(error) || ![400, 422, 500, 501].includes(error.statusCode ?? 0)) return false;
  // An endpoint that has looked at what was written takes schemas.
  if (failedGeneration(error) !== undefined) return false;
  if (speaksOfSchemas(error)) return true;
  const failure = judgeFailure(error);
  // What is said to be wrong with the key, the model or the prompt is not the schema.
  return failure.kind === "transient" || (failure.kind === "rejected" && failure.refuses === undefined);
}

function speaksOfSchemas({ message, responseBody = "" }: APICallError): boolean {
  return schemaWords.test(`${message} ${responseBody}`);
}
