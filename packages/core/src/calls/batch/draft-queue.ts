import type { BatchLine } from "./batch-line.ts";
import type { BatchSettings } from "./batch-options.ts";
import { type Draft, openDraft } from "./draft.ts";

/** Gathers lines to drafts. */
export interface DraftQueue {
  /** Requests in one batch from now on. */
  most: number;
  /** Bytes of one batch's file from now on. */
  mostBytes: number;
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
    most: requests,
    mostBytes: bytes,
    add(line, text) {
      if (draft && !draft.add(line, text)) queue.flush();
      if (!draft) {
        draft = openDraft(pathOf, { requests: queue.most, bytes: queue.mostBytes });
        draft.add(line, text);
      }
      if (draft.lines.length >= queue.most) return queue.flush();
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
