import { badOption } from "../errors.ts";
import { hashOf } from "../hash.ts";
import {
  type Amount,
  type BudgetLimits,
  exactNeed,
  type Grant,
  type Hold,
  holdBudget,
  type Need,
  openBudget,
  type SharedBudget,
  seizeBudget,
} from "./budget.ts";
import type { Ledger, LedgerEntry, Usage } from "./ledger.ts";
import type { RunStamp } from "./ledger-runs.ts";
import { isOnLoopback, runsHere } from "./model-http.ts";
import type { CallResult, PaidCall, WorstCase } from "./paid-call.ts";

/** What the calls of a run came to. */
export interface CallsSummary {
  /** Replies paid for now. */
  made: number;
  /** Replies taken from the ledger, paid for earlier. */
  reused: number;
  /** Attempts that failed and were repeated. */
  retried: number;
  /** Attempts that failed, whether they were repeated or not, and those among them that the endpoint may charge for. */
  failed: number;
  lost: number;
  /** Of the replies paid for now, those whose tokens the endpoint did not count. */
  uncounted: number;
  /** Attempts that an endpoint refused for now, because of its limits (429, 503). */
  refused: number;
  /** Tokens of the replies paid for now, as the endpoint counted them. */
  inputTokens: number;
  outputTokens: number;
  /** US dollars paid now, for the models whose price is given or known. */
  usd: number;
}

/** The summary of no calls at all. */
export const noCalls: Readonly<CallsSummary> = {
  made: 0,
  reused: 0,
  retried: 0,
  failed: 0,
  lost: 0,
  uncounted: 0,
  refused: 0,
  inputTokens: 0,
  outputTokens: 0,
  usd: 0,
};

/** A call that the account holds room for, and the batch price where it goes through the batch API. */
interface AccountedCall extends Costed {
  batch: boolean;
}

/** The money side of a run: what calls may take, what they took, and the ledger that keeps what was paid for. */
export interface Account {
  readonly sum: CallsSummary;
  /** Waits for room in the budget; undefined where there is none. Throws `budget-exhausted` and `bad-option`. */
  hold(call: AccountedCall, signal: AbortSignal): Promise<Hold | undefined>;
  /** Reserves room for a call that an earlier process sent, even where there is none left. */
  seize(call: AccountedCall): Hold | undefined;
  /** Refuses all calls that wait for room, and all later ones. */
  shut(error: Error): void;
  /** US dollars of a reply in the ledger; one that was recorded without a price counts at the price that is given now. */
  usdOf(head: Pick<LedgerEntry, "model" | "usage" | "usd">): number;
  /**
   * Records an attempt whose answer was lost and that may be charged for, where there is a budget or a price, at the most that it may
   * have taken: it counts in later runs too.
   */
  lose(key: string, call: AccountedCall & { hold: Hold | undefined }): Promise<void>;
  /** Records a reply and what it took. */
  land<T>(
    key: string,
    call: AccountedCall & { hold: Hold | undefined; stamp: RunStamp; result: CallResult<T> },
  ): Promise<void>;
}

/** Opens the account of a ledger, in which the replies of earlier runs count. */
export async function openAccount(
  ledger: Ledger,
  {
    ceiling,
    prices,
  }: { ceiling: BudgetLimits | SharedBudget | undefined; prices: Readonly<Record<string, Price>> | undefined },
): Promise<Account> {
  const needs = new ReplyNeeds();
  const spent = ceiling && (await spentIn(ledger, { prices, needs }));
  const isShared = ceiling !== undefined && "shared" in ceiling;
  const budget = isShared ? ceiling.shared : ceiling && openBudget(ceiling, spent!);
  const sum: CallsSummary = { ...noCalls };
  const worstOf = (call: AccountedCall) => grantOf(call, { ceiling: ceiling!, prices });

  /** What a call needs as far as replies have shown; one that goes through a batch may have an answer already and keeps its own. */
  function needOf(call: AccountedCall): Need {
    const whole = worstOf(call);
    if (call.batch) return exactNeed(whole);
    const most = () => worstOf({ ...call, worst: needs.of({ ...call, worst: whole.worst }) });
    return {
      most,
      within(room, { isAlone, isFirst }) {
        const grant = most();
        if (grant.usd <= room.usd && grant.tokens <= room.tokens) return grant;
        const least = isAlone ? needs.leastOutput(call, { isFirst }) : undefined;
        const outputTokens = least === undefined ? 0 : outputWithin(room, grant, worstOf({ ...call, worst: oneToken }));
        return least !== undefined && outputTokens >= least
          ? worstOf({ ...call, worst: { ...grant.worst, outputTokens } })
          : undefined;
      },
    };
  }
  return {
    sum,
    async hold(call, signal) {
      return budget && holdBudget(budget, needOf(call), signal);
    },
    shut: (error) => (isShared ? undefined : budget?.shut(error)),
    usdOf: (head) => usdAtHand(head, prices),
    seize: (call) => budget && seizeBudget(budget, worstOf(call)),
    async lose(key, { model, isLocal, runsHere, worst, batch, hold }) {
      sum.lost++;
      hold?.spendAll();
      const most = hold?.worst ?? (worst && needs.of({ model, worst }));
      const usage = most ? countsOf(most) : {};
      const usd = usdOf(usage, { price: priceAt({ model, isLocal, runsHere }, prices), batch });
      if (!hold && usd === 0) return;
      await ledger.add({
        key: lostKey(key),
        model: model || undefined,
        usage,
        usd: usd > 0 ? usd : undefined,
        value: null,
      });
    },
    async land(key, { model, isLocal, runsHere, worst, batch, hold, stamp, result: { value, usage } }) {
      needs.learn({ model, worst }, usage);
      // Under a budget a reply whose tokens nobody counted is taken for the worst.
      const counted = isCounted(usage) || !hold ? usage : countsOf(hold.worst);
      const usd = usdOf(counted, { price: priceAt({ model, isLocal, runsHere }, prices), batch });
      hold?.spend({ usd, tokens: (counted.inputTokens ?? 0) + (counted.outputTokens ?? 0) });
      await ledger.add({
        key,
        model: model || undefined,
        usage: counted,
        usd: usd > 0 ? usd : undefined,
        ...stamp,
        value,
      });
      sum.made++;
      if (!isCounted(usage)) sum.uncounted++;
      sum.inputTokens += usage.inputTokens ?? 0;
      sum.outputTokens += usage.outputTokens ?? 0;
      sum.usd += usd;
    },
  };
}

/** The ledger's key for what was lost of a call. */
export function lostKey(key: string): string {
  return hashOf([key, "lost"]);
}

const oneToken: WorstCase = { inputTokens: 0, outputTokens: 1 };

const countsOf = ({ inputTokens, outputTokens }: WorstCase): Usage => ({ inputTokens, outputTokens });

/** Output tokens that fit into a room beside a call's prompt. */
function outputWithin(room: Amount, { usd, tokens, worst }: Grant, { usd: usdEach }: Amount): number {
  const freeTokens = room.tokens - (tokens - worst.outputTokens);
  const freeUsd = room.usd - (usd - worst.outputTokens * usdEach);
  return Math.floor(
    Math.min(worst.outputTokens, freeTokens, usdEach > 0 ? freeUsd / usdEach : Number.POSITIVE_INFINITY),
  );
}

type Prices = Readonly<Record<string, Price>> | undefined;

/** The parts of a call that say how much it may take. */
type Costed = Pick<PaidCall<unknown>, "model" | "isLocal" | "runsHere" | "worst">;

/** Whether the endpoint said what a call took. */
function isCounted({ inputTokens, outputTokens }: Usage): boolean {
  return inputTokens !== undefined && outputTokens !== undefined;
}

const free: Price = { inputPerMillion: 0, outputPerMillion: 0 };

/** The price of a call: for an endpoint on this machine only one that was given, and nothing where no endpoint is called. */
function priceAt({ model = "", isLocal, runsHere }: Omit<Costed, "worst">, prices: Prices): Price | undefined {
  if (runsHere) return givenPrice(model, prices) ?? free;
  return isLocal ? givenPrice(model, prices) : priceOf(model, prices);
}

/** US dollars of what was counted; 0 where the price is not known. */
function usdOf(
  { inputTokens = 0, outputTokens = 0, cachedInputTokens }: Usage,
  { price, batch }: { price: Price | undefined; batch: boolean },
): number {
  return price ? costOf(price, { inputTokens, outputTokens, cachedInputTokens }, { batch }) : 0;
}

/** The most a call may take, in what a budget counts. Throws `bad-option` where that cannot be said. */
function grantOf(
  { worst, batch, ...called }: AccountedCall,
  { ceiling, prices }: { ceiling: BudgetLimits | SharedBudget; prices: Prices },
): Grant {
  if (!worst) throw badOption("a call under a budget must say what it may take at most");
  const price = priceAt(called, prices) ?? (called.isLocal && "shared" in ceiling ? free : undefined);
  if (!price && ceiling.usd !== undefined) {
    throw badOption(
      `the budget is in dollars and the price of ${called.model} is not known; give it in prices, as in prices={"${called.model}":{"inputPerMillion":2,"outputPerMillion":8}}, zeros where nobody charges`,
    );
  }
  return { usd: usdOf(worst, { price, batch }), tokens: worst.inputTokens + worst.outputTokens, worst };
}

/** US dollars of a reply in the ledger; one that was recorded without a price counts at the price that is given now. */
function usdAtHand({ model = "", usage, usd }: Pick<LedgerEntry, "model" | "usage" | "usd">, prices: Prices): number {
  return usd ?? usdOf(usage, { price: givenPrice(model, prices), batch: false });
}

/** What all replies of a ledger came to; the needs of calls learn from them. */
async function spentIn(ledger: Ledger, { prices, needs }: { prices: Prices; needs: ReplyNeeds }): Promise<Amount> {
  const sum: Amount = { usd: 0, tokens: 0 };
  await ledger.heads((head) => {
    sum.usd += usdAtHand(head, prices);
    sum.tokens += (head.usage.inputTokens ?? 0) + (head.usage.outputTokens ?? 0);
    needs.recall(head);
  });
  return sum;
}

// How much a new call weighs in the mean.
const newest = 0.1;

/** Learns what part of their worst case calls to a model take, for a limit of tokens: at first all of it. */
export function learnShare(): {
  of(call: Costed): number;
  learn(call: Costed, usage: Usage): void;
} {
  const shares = new Map<string, number>();
  const worstTokens = ({ worst }: Costed) => (worst ? worst.inputTokens + worst.outputTokens : 0);
  return {
    of: (call) => worstTokens(call) * (shares.get(call.model ?? "") ?? 1),
    learn(call, usage) {
      const worst = worstTokens(call);
      if (!isCounted(usage) || worst === 0) return;
      const part = Math.min(1, (usage.inputTokens! + usage.outputTokens!) / worst);
      const known = shares.get(call.model ?? "");
      shares.set(call.model ?? "", known === undefined ? part : known + newest * (part - known));
    },
  };
}

/** What an endpoint charges, in US dollars per million tokens. */
export interface Price {
  inputPerMillion: number;
  outputPerMillion: number;
  /** Of input that the endpoint has in its cache. @default as other input */
  cachedInputPerMillion?: number;
  /** Part of it that is charged through the batch API. @default 1 */
  batchShare?: number;
}

const halfInBatches = { batchShare: 0.5 };

// OpenAI's list prices as several public price lists of March 2026 agree on them, among them that a batch costs half.
// Prices change and no list here can be newer than this release: hand in `prices` where yours differ.
const known: Readonly<Record<string, Price>> = {
  "gpt-4o": { inputPerMillion: 2.5, outputPerMillion: 10, cachedInputPerMillion: 1.25, ...halfInBatches },
  "gpt-4o-mini": { inputPerMillion: 0.15, outputPerMillion: 0.6, cachedInputPerMillion: 0.075, ...halfInBatches },
  "gpt-4.1": { inputPerMillion: 2, outputPerMillion: 8, cachedInputPerMillion: 0.5, ...halfInBatches },
  "gpt-4.1-mini": { inputPerMillion: 0.4, outputPerMillion: 1.6, cachedInputPerMillion: 0.1, ...halfInBatches },
  "gpt-4.1-nano": { inputPerMillion: 0.1, outputPerMillion: 0.4, cachedInputPerMillion: 0.025, ...halfInBatches },
  "gpt-5": { inputPerMillion: 1.25, outputPerMillion: 10, cachedInputPerMillion: 0.125, ...halfInBatches },
  "gpt-5-mini": { inputPerMillion: 0.25, outputPerMillion: 2, cachedInputPerMillion: 0.025, ...halfInBatches },
  "gpt-5-nano": { inputPerMillion: 0.05, outputPerMillion: 0.4, cachedInputPerMillion: 0.005, ...halfInBatches },
};

/**
 * The price of a model: as given for its id, else as known, else undefined. What is known are list prices, which hold nowhere on this
 * machine: a model object tells by its address, or by a provider's name that begins with it. One that runs in this process is free.
 */
export function priceOf(
  model: string | { provider: string; modelId: string },
  given: Readonly<Record<string, Price>> = {},
): Price | undefined {
  const id = typeof model === "string" ? model : model.modelId;
  const stated = givenPrice(id, given);
  if (stated === undefined && typeof model !== "string" && runsHere(model)) return free;
  if (stated || (typeof model !== "string" && isOnLoopback(model))) return stated;
  return Object.hasOwn(known, id) ? known[id] : undefined;
}

function givenPrice(model: string, given: Prices = {}): Price | undefined {
  return Object.hasOwn(given, model) ? given[model] : undefined;
}

/**
 * What tokens cost, in US dollars.
 * @param options.batch whether they go through the batch API. @default false
 */
export function costOf(
  { inputPerMillion, outputPerMillion, cachedInputPerMillion = inputPerMillion, batchShare = 1 }: Price,
  {
    inputTokens,
    outputTokens,
    cachedInputTokens = 0,
  }: { inputTokens: number; outputTokens: number; cachedInputTokens?: number },
  { batch = false }: { batch?: boolean } = {},
): number {
  // A batch has its own discount, and no other beside it.
  const cached = batch ? 0 : cachedInputTokens;
  const input = (inputTokens - cached) * inputPerMillion + cached * cachedInputPerMillion;
  return ((input + outputTokens * outputPerMillion) / 1e6) * (batch ? batchShare : 1);
}

/** What says of a call how much it may take. */
type Needing = Pick<PaidCall<unknown>, "model" | "worst">;

/** What the replies of one model have shown. */
interface Seen {
  /** Most output tokens of a reply. */
  output: number;
  /** Most prompt tokens for each that was guessed, and most beyond the guess; the largest guess they were seen at, 0 before any. */
  perGuess: number;
  beyondGuess: number;
  guess: number;
}

const unseen: Seen = { output: 1, perGuess: 0, beyondGuess: 0, guess: 0 };
// A reply that is this many times as long as the longest one so far is cut, and asked for once more.
const timesLargest = 2;
/** Output tokens that are too few to be worth saving. */
const small = 256;
// Beyond what a straight line through the prompts that were counted says.
const inputMargin = 1.1;

/**
 * Learns how much of their worst case calls to a model need. At first it is the bytes of the prompt and the whole ceiling on output.
 * Once replies have come, output is twice the largest of them (256 at least), which the endpoint enforces; prompts are guessed, and the guess is
 * raised as far as the endpoint's own count went beyond it. Replies of earlier runs tell of output alone.
 */
class ReplyNeeds {
  readonly #ofModels = new Map<string, Seen>();

  /** What a call is given. */
  of({ model = "", worst }: Needing & { worst: WorstCase }): WorstCase {
    const seen = this.#ofModels.get(model);
    if (!seen || worst.guess === undefined) return worst;
    const outputTokens = Math.min(worst.outputTokens, Math.max(small, timesLargest * seen.output));
    const inputTokens = seen.guess === 0 ? worst.inputTokens : promptTokens(seen, worst.guess);
    return { ...worst, inputTokens, outputTokens };
  }

  /** The least output that a call is worth making for, where a budget has no room for more; undefined where no less than the worst will do. */
  leastOutput({ model = "", worst }: Needing, { isFirst }: { isFirst: boolean }): number | undefined {
    if (worst?.guess === undefined) return undefined;
    return this.#ofModels.get(model)?.output ?? (isFirst ? small : undefined);
  }

  /** Takes note of a reply of an earlier run, whose prompt is not at hand. */
  recall({ model = "", usage: { outputTokens } }: Pick<LedgerEntry, "model" | "usage">): void {
    if (outputTokens === undefined) return;
    const seen = this.#ofModels.get(model) ?? unseen;
    this.#ofModels.set(model, { ...seen, output: Math.max(seen.output, outputTokens) });
  }

  /** Takes note of what a reply took. */
  learn({ model = "", worst }: Needing, { inputTokens, outputTokens }: Usage): void {
    if (!worst?.guess || inputTokens === undefined || outputTokens === undefined) return;
    const { guess } = worst;
    const seen = this.#ofModels.get(model) ?? unseen;
    this.#ofModels.set(model, {
      output: Math.max(seen.output, outputTokens),
      perGuess: Math.max(seen.perGuess, inputTokens / guess),
      beyondGuess: Math.max(seen.beyondGuess, inputTokens - guess),
      guess: Math.max(seen.guess, guess),
    });
  }
}

/** The most that a prompt takes, where the count grows with the guess in a straight line: between those seen, and beyond them. */
function promptTokens({ perGuess, beyondGuess, guess: largest }: Seen, guess: number): number {
  const inProportion = perGuess * guess;
  const most = guess <= largest ? Math.min(inProportion, guess + beyondGuess) : inProportion;
  return Math.ceil(most * inputMargin);
}
