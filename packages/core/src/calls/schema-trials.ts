import { APICallError, asSchema, type FlexibleSchema, jsonSchema, Output } from "ai";
import { isObject } from "../is-object.ts";
import { judgeFailure } from "./failure.ts";
import { failedGeneration } from "./odd-metadata.ts";

/** What carries a schema to a model. */
export type JsonOutput = ReturnType<typeof Output.object>;

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
