import { badOption, RagInstructError } from "../errors.ts";
import { hashOf } from "../hash.ts";
import type { Closable, Limiter } from "../plug-points.ts";
import type { SpendingByPurpose } from "../spending.ts";
import { type Clock, onAbort, systemClock } from "../waiting.ts";
import { type Account, type CallsSummary, learnShare, lostKey, noCalls, openAccount, type Price } from "./account.ts";
import { type AskCall, type AskRequest, askCall, type TextReply } from "./ask.ts";
import { createAttempts } from "./attempts.ts";
import { type BatchOptions, batchSettings } from "./batch/batch-queue.ts";
import { refuseOpenBatches } from "./batch/batch-records.ts";
import { connectBatches } from "./batch/batches.ts";
import type { BudgetLimits, SharedBudget } from "./budget.ts";
import { AnswerTimes, Gate } from "./gate.ts";
import { type FsyncPolicy, type Ledger, memoryLedger, openLedger } from "./ledger.ts";
import { LedgerRuns, lostPurpose, Purposes, Refusals, type RunStamp } from "./ledger-runs.ts";
import { memoryLimiter, type RateLimits } from "./limiter.ts";
import { noDeadline, type PaidCall } from "./paid-call.ts";
import { type ModelSettings, mergeSettings } from "./settings.ts";

/** Options of {@link openCalls}. */
export interface CallsOptions {
  /**
   * Path of the ledger, made where it is missing. Or an open ledger, such as one in memory, which stays open when the calls are closed.
   * Batches need a path.
   */
  ledger: string | Ledger;
  /** Calls at the same time at most. There are fewer at first, and while answers are slow or late. @default { max: 16 } */
  concurrency?: { max: number };
  /** What the endpoint allows in a minute. @default none: the pace is found by what the endpoint refuses */
  limits?: RateLimits;
  /** A limiter of your own, such as one that several machines share. @default one in memory that holds `limits` */
  limiter?: Limiter;
  /** A ceiling over all calls in the ledger, earlier runs included; or a ceiling that several `openCalls` share. @default none */
  budget?: BudgetLimits | SharedBudget;
  /** Prices by model id, in US dollars per million tokens; they replace known ones. @default those of common OpenAI models */
  prices?: Readonly<Record<string, Price>>;
  /**
   * Sends `ask` through OpenAI's batch API, at the endpoint's lower price and within its window of time. A folder beside the ledger keeps
   * what is under way, so that another process can collect it. Other calls are made at once. @default false
   */
  batch?: boolean | BatchOptions;
  /**
   * Milliseconds for one task from its first attempt on, with all retries and waits. A task is one call, unless calls share a deadline. A
   * batch has its own window instead. @default 900000
   */
  deadline?: number;
  /** Attempts for one call. @default 6; up to 24 where the endpoint fails so often that 6 failures in a row are to be expected */
  attempts?: number;
  /**
   * Milliseconds for one attempt, or four times the slowest answer so far where that is more. After an attempt without an answer the next
   * one has twice as long. @default 300000, and 120000 once some answers have come
   */
  timeout?: number;
  /** Calls in a row that fail for good before all stop. @default 20 */
  breakAfter?: number;
  /**
   * Milliseconds of failures without any answer before all calls stop. A shorter outage is waited out, and so is a limit that is reset
   * within this time. @default 600000
   */
  patience?: number;
  /**
   * Awaited before the first call that the ledger does not answer, for instance to show the price or to ask for consent. What it throws
   * is thrown by that call and by all after it. @default none
   */
  beforeFirst?: () => void | Promise<void>;
  /** Called with a few words on what all calls wait for and until when, and with `undefined` when answers come again. @default none */
  onWait?: (note: string | undefined) => void;
  /** Milliseconds of the first back-off. @default 500 */
  backOff?: number;
  /** How models are asked where a request says nothing else; part of the ledger key of every request. @default {} */
  settings?: ModelSettings;
  /**
   * In how many later runs over the ledger a question is asked again whose reply could not be used. With `"all"` this is a new run, in
   * which every request with `again` is asked again, however often it was before, and refused prompts too. @default 2
   */
  askAgain?: number | "all";
  /** When replies are forced to disk: once a second, after each reply, or on closing. @default "second" */
  fsync?: FsyncPolicy;
  /** Where pace, pauses and deadlines read the time, for tests. @default the machine's */
  clock?: Clock;
}

/** The one way to make a paid call: all calls of a run share its rate, its budget, its ledger and its breaker. */
export interface Calls extends Closable {
  /** Asks a language model, or gives the reply it gave to the same request before. */
  ask(request: AskRequest): Promise<TextReply>;
  /** The same for any other paid call. */
  perform<T>(call: PaidCall<T>): Promise<T>;
  /** Counts a call whose reply an earlier run has made use of, and that is not made again, among those that {@link spending} tells of. */
  reuse(call: Pick<PaidCall<unknown>, "key" | "purpose">): void;
  summary(): CallsSummary;
  /**
   * What the replies used so far cost, by purpose. Each counts once, whether it was paid for now or earlier, with what was paid for earlier
   * replies to the same question.
   */
  spending(): Promise<SpendingByPurpose>;
  /**
   * Marks the end of a run over the ledger. Later runs may ask again for replies that it could not use (`again` of a request). A run that
   * stops without this, for instance because it is killed, is continued by the next start.
   */
  endRun(): Promise<void>;
  /** Questions worth having under way at the same time: enough to use the concurrency, or to fill a batch. */
  readonly roomFor: number;
}

// Tasks that wait for a batch are held in memory, about ten kilobytes each.
const maxWaitingForBatches = 10_000;
const batchNeedsPath = "batches need the path of a ledger, because another process may collect them";
const [usualAttempts, mostAttempts] = [6, 24];
// How long the upload of the largest file may take.
const maxBatchCall = 600_000;

/**
 * Opens the ledger, the budget and the gate that every paid call of a run goes through. Errors of `ask` and `perform`:
 * `breaker-open` when no call can succeed (wrong key, no quota, unknown model, nobody there, or everything fails), `budget-exhausted`
 * when the next call might not fit, `call-failed` when one call does not succeed, `prompt-refused` when the endpoint refuses its prompt
 * (kept in the ledger, so that it is not asked again), `bad-option` when a budget cannot be held or a model cannot
 * be asked in batches. Throws `bad-option` when batches of an earlier run are not collected and `batch` is not set.
 */
export async function openCalls(options: CallsOptions): Promise<Calls> {
  const { ledger, close } = await ledgerOf(options);
  try {
    const account = await openAccount(ledger, { ceiling: options.budget, prices: options.prices });
    return await startCalls({ ledger, close, account, options });
  } catch (error) {
    await close();
    throw error;
  }
}

/** The ledger of the options, and what closes it where it was opened here. */
async function ledgerOf({ ledger, batch, fsync }: CallsOptions): Promise<{ ledger: Ledger; close(): Promise<void> }> {
  if (typeof ledger === "string") {
    if (!batch) await refuseOpenBatches(ledger);
    const opened = await openLedger(ledger, { fsync });
    return { ledger: opened, close: opened.close };
  }
  if (batch) throw badOption(batchNeedsPath);
  return { ledger, close: async () => {} };
}

interface CallsParts {
  ledger: Ledger;
  close(): Promise<void>;
  account: Account;
  options: CallsOptions;
}

async function startCalls({ ledger, close, account, options }: CallsParts): Promise<Calls> {
  const { concurrency = { max: 16 }, deadline = 900_000 } = options;
  const times = new AnswerTimes(options.timeout);
  const gate = new Gate({ max: concurrency.max, backOff: options.backOff, clock: options.clock, times });
  const refusals = new Refusals(ledger);
  const { persist, batches } = await openWays({ ledger, account, refusals, options, gate, times });
  const runs = await LedgerRuns.of(ledger, options.askAgain ?? 2);
  const share = learnShare();
  const purposes = new Purposes();
  const underWay = new Map<string, Promise<unknown>>();
  let allowed: Promise<void> | undefined;

  async function pay<T>(key: string, call: PaidCall<T>, { signal, stamp }: Paying): Promise<T> {
    const { model, worst, execute } = call;
    const accounted = {
      model: model || undefined,
      isLocal: call.isLocal,
      runsHere: call.runsHere,
      worst,
      batch: false,
    };
    const hold = await account.hold(accounted, signal);
    try {
      const result = await persist({
        key,
        model,
        tokens: share.of(call),
        signal,
        execute: (signal) => execute(signal, hold?.worst),
        isTimed: !call.runsHere,
        deadline: call.runsHere ? noDeadline() : (call.deadline ?? { milliseconds: deadline }),
        secrets: async () => call.secrets?.() ?? [],
        onRefusal: (refusal) => refusals.note(key, { model: model || undefined, ...refusal, stamp }),
        async afterFailure({ mayBePaid, isOverloaded, again }) {
          account.sum.failed++;
          if (isOverloaded) account.sum.refused++;
          if (mayBePaid) await account.lose(key, { ...accounted, hold });
          if (!again) return;
          account.sum.retried++;
          await hold?.renew();
        },
      });
      share.learn(call, result.usage);
      await account.land(key, { ...accounted, hold, stamp, result });
      await refusals.confirm();
      return result.value;
    } catch (error) {
      if (RagInstructError.is(error, "breaker-open")) refusals.forget();
      throw error;
    } finally {
      hold?.release();
    }
  }
  /** A reply that was cut at the usual ceiling, or at what a budget gave it, is asked for once more; the ledger keeps all, and gives the last one. */
  async function payInFull(key: string, call: AskCall, paying: Paying): Promise<TextReply> {
    let reply = await pay(key, call, paying);
    for (let raised = call.afterCut(reply); raised; raised = raised.afterCut(reply)) {
      try {
        reply = await pay(key, raised, paying);
      } catch (error) {
        // The short reply is paid for: better than none.
        if (RagInstructError.is(error, "budget-exhausted") || RagInstructError.is(error, "call-failed")) return reply;
        throw error;
      }
    }
    return reply;
  }
  function payViaBatch(key: string, call: AskCall, { signal, stamp }: Paying): Promise<TextReply> {
    const { model, worst, isLocal, viaBatch, secrets } = call;
    return batches!.send({
      key,
      worst,
      isLocal,
      stamp,
      signal,
      ...viaBatch,
      hold: () => account.hold({ model, isLocal, worst, batch: true }, signal),
      secrets: async () => secrets?.() ?? [],
    });
  }

  /** The reply from the ledger, else from the same call where it is under way, else from a new call. */
  async function once<T>(call: Askable<T>, payFor: (key: string, paying: Paying) => Promise<T>): Promise<T> {
    const { signal = new AbortController().signal } = call;
    signal.throwIfAborted();
    const key = hashOf(call.key);
    purposes.note(key, call.purpose);
    purposes.note(lostKey(key), lostPurpose);
    const shared = underWay.get(key) as Promise<T> | undefined;
    // The call under way may be aborted by its own caller; then this caller makes it.
    if (shared)
      return shared.catch((error) =>
        RagInstructError.is(error) || signal.aborted ? Promise.reject(error) : once(call, payFor),
      );
    const paying = readOr(key, call, (stamp) => payFor(key, { signal, stamp })).finally(() => underWay.delete(key));
    underWay.set(key, paying);
    return orAborted(paying, signal);
  }
  async function readOr<T>(
    key: string,
    { again = false, onAsked }: Askable<T>,
    payFor: (stamp: RunStamp) => Promise<T>,
  ): Promise<T> {
    const known = await ledger.get(key);
    if (!known || (again && runs.mayAskAgain(known))) {
      allowed ??= (async () => options.beforeFirst?.())();
      await allowed;
      onAsked?.();
      const stamp = runs.stamp(known);
      return counted(await payFor(stamp), stamp);
    }
    if (known.refused) throw new RagInstructError("prompt-refused", String(known.value));
    if (!again) account.sum.reused++;
    return counted(known.value as T, known);
  }

  const calls: Calls = {
    ask(request) {
      const settings = mergeSettings(options.settings, request.settings);
      const call = askCall({ ...request, settings }, { isBatched: batches !== undefined });
      return once(call, (key, paying) => (batches ? payViaBatch(key, call, paying) : payInFull(key, call, paying)));
    },
    perform: (call) => once(call, (key, paying) => pay(key, call, paying)),
    reuse: ({ key, purpose }) => purposes.note(hashOf(key), purpose),
    summary: () => ({ ...account.sum }),
    spending: () => purposes.spending(ledger, account.usdOf),
    endRun: () => runs.end(),
    roomFor: batches ? maxWaitingForBatches : 4 * concurrency.max,
    async close() {
      const closed = new RagInstructError("call-failed", "the calls were closed");
      account.shut(closed);
      await batches?.close();
      gate.shut(closed);
      await Promise.allSettled(underWay.values());
      if (ledger.size > 0) await refusals.confirm();
      await close();
    },
    [Symbol.asyncDispose]: () => calls.close(),
  };
  return calls;
}

/** What goes with a payment. */
interface Paying {
  signal: AbortSignal;
  stamp: RunStamp;
}

type Askable<T> = PaidCall<T> & Partial<Pick<AskCall, "again">>;

/** The value, unless nobody wants it any more: what was sent goes on, and its answer is kept. */
function orAborted<T>(value: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, reject);
    value.then(resolve, reject).finally(stopListening);
  });
}

/** A reply, with the number of runs in which it was asked for where that is more than one. */
function counted<T>(value: T, { asked }: RunStamp): T {
  return asked === undefined ? value : { ...value, asked };
}

/** The two ways to an endpoint: a call at once, and through batches. */
async function openWays({
  ledger,
  account,
  refusals,
  options,
  gate,
  times,
}: Omit<CallsParts, "close"> & { refusals: Refusals; gate: Gate; times: AnswerTimes }) {
  const { attempts = usualAttempts, patience = 600_000, backOff = 500, breakAfter = 20 } = options;
  const { clock = systemClock, limiter = memoryLimiter(options.limits, { clock }) } = options;
  const pace = { gate, limiter, backOff, breakAfter, clock, onWait: options.onWait };
  const maxAttempts = options.attempts ?? mostAttempts;
  const persist = createAttempts({ ...pace, attempts, maxAttempts, times, patience });
  if (!options.batch || typeof options.ledger !== "string") return { persist };
  const settings = batchSettings(options.batch === true ? {} : options.batch);
  const batches = await connectBatches({
    ledger,
    path: options.ledger,
    account,
    refusals,
    settings,
    breakAfter,
    stop: (error) => gate.shut(error),
    persist: createAttempts({
      ...pace,
      attempts: Number.POSITIVE_INFINITY,
      times: new AnswerTimes(Math.max(options.timeout ?? 0, maxBatchCall)),
      patience: settings.patience,
    }),
  });
  return { persist, batches };
}

/** Paid calls that are opened when they are first needed, so that a run without calls leaves no ledger behind. */
export interface LazyCalls extends AsyncDisposable {
  open(): Promise<Calls>;
  /** What they came to so far. */
  summary(): Promise<CallsSummary>;
  /** The same by what they were for, those that the ledger answered among them. */
  spending(): Promise<SpendingByPurpose>;
  /** Says that the run has come to its end, whether with what was wanted or not. */
  endRun(): Promise<void>;
}

/**
 * The calls that {@link openCalls} opens, at the first `open()`.
 * @param how.orInMemory keeps replies in memory where the ledger cannot be opened, because another process holds it or nothing can be
 * written; one that is corrupt still throws. @default false
 */
export function lazyCalls(options: CallsOptions, { orInMemory = false }: { orInMemory?: boolean } = {}): LazyCalls {
  let calls: Promise<Calls> | undefined;
  async function openFirst(): Promise<Calls> {
    try {
      return await openCalls(options);
    } catch (error) {
      if (!orInMemory || RagInstructError.is(error, "file-corrupt")) throw error;
      return openCalls({ ...options, ledger: memoryLedger() });
    }
  }
  return {
    open: () => (calls ??= openFirst()),
    summary: async () => (calls ? (await calls).summary() : noCalls),
    spending: async () => (calls ? (await calls).spending() : {}),
    endRun: async () => (await calls)?.endRun(),
    async [Symbol.asyncDispose]() {
      await (await calls?.catch(() => undefined))?.close();
    },
  };
}
