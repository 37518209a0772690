import { amount, badOption, listText, numberText, type Passage, tokensAbout } from "@rag-instruct/core";
import { costOf, isOnLoopback, type Price, priceOf, runsHere } from "@rag-instruct/core/calls";

/** What a command is about to call and pay for, as far as can be told before. */
export interface ExpectedCalls {
  /** What is asked for, such as "20 pairs". */
  what: string;
  /** Id of the model, or of several. */
  model: string;
  /** Where it is served: a host, or the provider where no address is known. */
  host: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** US dollars; undefined where the price is not known. */
  usd?: number;
  /** Whether nobody charges: the offline model, or a server on this machine without a price. */
  isFree: boolean;
  /** What else is called, such as an endpoint that embeds. */
  also?: ExpectedCalls;
}

/** Options of {@link expectCalls}. */
export interface ExpectCallsOptions extends AskedCalls {
  /** A model object of the AI SDK, or its names; several where the same is asked of each. */
  models: readonly { provider: string; modelId: string }[];
  /** Where it is served. @default the provider's name */
  host?: string;
  prices?: Readonly<Record<string, Price>>;
  /** Whether it goes through the batch API. @default false */
  batch?: boolean;
}

/** Puts a price on calls. The tokens are those of all models together. */
export function expectCalls({ models, host, prices, batch, ...expected }: ExpectCallsOptions): ExpectedCalls {
  const isHere = models.every((model) => runsHere(model) || isOnLoopback(model));
  const share = 1 / models.length;
  const { inputTokens, outputTokens } = expected;
  const tokens = { inputTokens: inputTokens * share, outputTokens: outputTokens * share };
  const costs = models.map((model) => {
    const price = priceOf(model, prices);
    return price && costOf(price, tokens, { batch });
  });
  const isKnown = costs.every((cost) => cost !== undefined);
  const usd = isKnown ? costs.reduce((sum, cost) => sum + cost!, 0) : undefined;
  return {
    ...expected,
    model: listText(models.map(({ modelId }) => modelId)),
    host: host ?? listText([...new Set(models.map(({ provider }) => provider.replace(/\.\w+$/, "")))]),
    usd,
    isFree: isHere && !usd,
  };
}

/** What is asked for, and what that takes. */
export type AskedCalls = Pick<ExpectedCalls, "what" | "also" | "calls" | "inputTokens" | "outputTokens">;

/** Two things that the same model is asked for. */
export function bothAsked(one: AskedCalls, other: AskedCalls): AskedCalls {
  return {
    what: `${one.what} and ${other.what}`,
    also: other.also,
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
  };
}

// As the embedder packs texts, and as long as questions are, about.
const [textsACall, tokensAQuestion] = [64, 25];

/** Options of {@link expectVectors}. */
export interface ExpectVectorsOptions extends Pick<ExpectCallsOptions, "host" | "prices"> {
  /** The embedding model, or its names. */
  model: { provider: string; modelId: string };
  /** Passages to embed. */
  texts: number;
  /** Some of them, which tell how long they are. */
  passages: readonly Passage[];
  /** Questions to embed. */
  questions: number;
}

/** What an embedding model is called for; undefined where it is for nothing. */
export function expectVectors(options: ExpectVectorsOptions): ExpectedCalls | undefined {
  const { model, texts, questions, passages, host, prices } = options;
  if (texts + questions === 0) return undefined;
  const each = tokensAbout(...passages.map(({ title, text }) => `${title} ${text}`)) / Math.max(1, passages.length);
  return expectCalls({
    what: `vectors of ${amount(texts + questions, "text")}`,
    models: [model],
    host,
    calls: Math.ceil(texts / textsACall) + Math.ceil(questions / textsACall),
    inputTokens: texts * each + questions * tokensAQuestion,
    outputTokens: 0,
    prices,
  });
}

/** Throws `bad-option` for calls that somebody may charge for, where no budget was given for any. */
export function refuseCosts(expected: ExpectedCalls): void {
  if (expected.isFree && (expected.also?.isFree ?? true)) return;
  throw badOption(
    `${expectedCallsLines(expected, undefined).join(";")}: without a --budget in dollars nothing that costs is done`,
  );
}

/** A ceiling over what is spent, as calls take it. */
interface Ceiling {
  usd?: number;
  tokens?: number;
}

/** What is about to be called, in lines for people. */
export function expectedCallsLines(expected: ExpectedCalls, ceiling: Ceiling | undefined): string[] {
  const lines = [`${lineOf(expected)}; ${ceilingWords(ceiling)}`];
  if (expected.also) lines.push(`  and ${lineOf(expected.also)}`);
  return lines;
}

function lineOf(expected: ExpectedCalls): string {
  const { what, model, host, calls, inputTokens, outputTokens } = expected;
  const out = outputTokens > 0 ? `, ${number(outputTokens)} out` : "";
  const about = `about ${amount(Math.ceil(calls), "call")}, ${number(inputTokens)} tokens in${out}`;
  return `${what} by ${model} at ${host}: ${about}; ${costOfAll(expected)}`;
}

function costOfAll({ usd, isFree }: ExpectedCalls): string {
  if (usd !== undefined && usd > 0) return `about ${dollars(usd)}`;
  return isFree ? "on this machine, nothing is charged" : "price unknown";
}

function ceilingWords({ usd, tokens }: Ceiling = {}): string {
  const parts = [usd !== undefined && dollars(usd), tokens !== undefined && `${number(tokens)} tokens`].filter(Boolean);
  return parts.length > 0 ? `ceiling ${parts.join(" and ")}` : "no ceiling";
}

function dollars(usd: number): string {
  return `$${usd.toFixed(usd > 0 && usd < 0.1 ? 4 : 2)}`;
}

function number(value: number): string {
  return numberText(Math.ceil(value));
}
