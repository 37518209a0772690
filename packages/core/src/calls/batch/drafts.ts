import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { RagInstructError } from "../../errors.ts";
import type { CapturedRequest } from "../ask.ts";
import type { BatchLine, BatchSettings } from "./batch-line.ts";

/** Gathers lines to drafts. */
export interface DraftQueue {
  /** Requests in one batch from now on. */
  maxRequests: number;
  /** Bytes of one batch's file from now on. */
  maxBytes: number;
  add(line: BatchLine, text: string): void;
  /** Hands on what has gathered. */
  flush(): void;
}

/** Gathers lines, and hands a draft on when it is full or nothing has come for a while. */
export function openDraftQueue({
  pathOf,
  settings: { requests, bytes, gather },
  onDraft,
}: {
  pathOf: (name: string) => string;
  settings: BatchSettings;
  onDraft: (draft: Draft) => void;
}): DraftQueue {
  let draft: Draft | undefined;
  let timer: NodeJS.Timeout | undefined;
  const queue: DraftQueue = {
    maxRequests: requests,
    maxBytes: bytes,
    add(line, text) {
      if (draft && !draft.add(line, text)) queue.flush();
      if (!draft) {
        draft = openDraft(pathOf, { requests: queue.maxRequests, bytes: queue.maxBytes });
        draft.add(line, text);
      }
      if (draft.lines.length >= queue.maxRequests) return queue.flush();
      timer ??= setTimeout(() => queue.flush(), gather);
      timer.refresh();
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      const gathered = draft;
      draft = undefined;
      gathered?.finish();
      if (gathered) onDraft(gathered);
    },
  };
  return queue;
}

/** A batch that is gathering: its requests go to a file as they come, so that memory holds none of them. */
export interface Draft {
  readonly name: string;
  readonly lines: readonly BatchLine[];
  /** False where there is no room for it any more. Throws `file-unwritable`. */
  add(line: BatchLine, text: string): boolean;
  /** Ends the file. */
  finish(): void;
}

/** One line of a batch's file. */
export function requestLine(key: string, path: string, { body }: CapturedRequest): string {
  return `{"custom_id":"${key}","method":"POST","url":"${path}","body":${body}}\n`;
}

const maxTries = 3;

/** Opens a draft under a new name. Throws `file-unwritable`. */
export function openDraft(
  pathOf: (name: string) => string,
  { requests, bytes: maxBytes }: Pick<BatchSettings, "requests" | "bytes">,
): Draft {
  const name = `rag-instruct-${randomBytes(8).toString("hex")}`;
  const path = pathOf(name);
  const file = naming(path, () => {
    for (let tries = 1; ; tries++) {
      mkdirSync(dirname(path), { recursive: true });
      try {
        return openSync(path, "wx");
      } catch (error) {
        // The last batch before this one may take the folder away in between.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT" || tries >= maxTries) throw error;
      }
    }
  });
  const lines: BatchLine[] = [];
  let bytes = 0;
  return {
    name,
    lines,
    add(line, text) {
      const size = Buffer.byteLength(text);
      if (lines.length >= requests || (lines.length > 0 && bytes + size > maxBytes)) return false;
      naming(path, () => writeSync(file, text));
      bytes += size;
      lines.push(line);
      return true;
    },
    finish: () => closeSync(file),
  };
}

function naming<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOSPC" ? "the disk is full" : message;
    throw new RagInstructError("file-unwritable", `cannot write ${path}: ${why}`, { cause: error });
  }
}
