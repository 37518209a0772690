import { RagInstructError } from "../errors.ts";
import { onAbort } from "../waiting.ts";

/** Time for one task, shared by all its calls: it runs from the moment the first of them is let in. */
export interface Deadline {
  milliseconds: number;
  /** Set by the first attempt, on the clock of `performance.now()`. */
  endsAt?: number;
}

/** Milliseconds that are left; all of them before the first attempt. */
export function timeLeft({ milliseconds, endsAt }: Deadline): number {
  return endsAt === undefined ? milliseconds : endsAt - performance.now();
}

/** Starts the time, where it does not run yet. */
export function startDeadline(deadline: Deadline): void {
  deadline.endsAt ??= performance.now() + deadline.milliseconds;
}

/** Thrown where the time of a task is over. */
export function overdue({ milliseconds }: Deadline, meanwhile: string): RagInstructError {
  return new RagInstructError("call-failed", `the deadline of ${milliseconds / 1000} s is over, ${meanwhile}`);
}

/** Runs an action for so long at most. Its signal aborts when the time is over, or when the caller's does. */
export async function withinTime<T>(
  action: (signal: AbortSignal) => Promise<T>,
  { milliseconds, error, signal }: { milliseconds: number; error: () => Error; signal: AbortSignal },
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(error()), Math.max(0, milliseconds));
  const stopListening = onAbort(signal, (reason) => controller.abort(reason));
  try {
    return await action(controller.signal);
  } catch (thrown) {
    throw controller.signal.aborted ? controller.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
