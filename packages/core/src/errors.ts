/** What went wrong, for code to branch on; the message is for people. */
export type ErrorCode =
  | "bad-input"
  | "bad-option"
  | "bad-record"
  | "breaker-open"
  | "budget-exhausted"
  | "call-failed"
  | "corpus-empty"
  | "corpus-too-small"
  | "duplicate-id"
  | "file-corrupt"
  | "file-exists"
  | "file-missing"
  | "file-unwritable"
  | "folder-locked"
  | "index-mismatch"
  | "limit-exceeded"
  | "model-mismatch"
  | "passage-missing"
  | "peer-missing"
  | "prompt-refused"
  | "reply-unusable"
  | "server-failed"
  | "unknown-format"
  | "unknown-paradigm"
  | "unsupported-version";

const mark = Symbol.for("@rag-instruct/error");

/** The one error class of all packages. The message says what happened, where, and what to do. */
export class RagInstructError extends Error {
  readonly code: ErrorCode;
  readonly [mark] = true;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "RagInstructError";
    this.code = code;
  }

  /** True for an error of any copy of this package, and of that code when one is given. */
  static is(error: unknown, code?: ErrorCode): error is RagInstructError {
    return (
      error instanceof Error &&
      (error as { [mark]?: boolean })[mark] === true &&
      (code === undefined || (error as RagInstructError).code === code)
    );
  }
}

/** An error of code `bad-option`: what was asked for cannot be done, and the message says what can. */
export function badOption(message: string, options?: { cause?: unknown }): RagInstructError {
  return new RagInstructError("bad-option", message, options);
}

/**
 * Loads an optional peer dependency at the moment it is needed: `importPeer("faiss-node", () => import("faiss-node"))`.
 * The import stands with the caller, so that strict package managers resolve it from there.
 * Throws `peer-missing` with the command that installs it.
 */
export async function importPeer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_MODULE_NOT_FOUND" && message.includes(name)) {
      throw new RagInstructError("peer-missing", `this needs the package ${name}: npm install ${name}`, {
        cause: error,
      });
    }
    throw error;
  }
}
