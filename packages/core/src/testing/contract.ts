/** One thing that every implementation of a plug point must do, for any test runner: `it(name, run)`. */
export interface Contract {
  name: string;
  /** Rejects with an AssertionError that says what is wrong. */
  run(): Promise<void>;
}

/** Closes what can be closed. */
export async function closing<T, R>(opened: T & Partial<AsyncDisposable>, use: (opened: T) => Promise<R>): Promise<R> {
  try {
    return await use(opened);
  } finally {
    await opened[Symbol.asyncDispose]?.();
  }
}

/** Waits for a call whose signal aborts: it may have ended before, but may not fail with anything else than the reason. */
export async function endedOrAborted(call: Promise<unknown>, reason: Error): Promise<void> {
  await call.catch((error: unknown) => {
    if (error !== reason) throw error;
  });
}
