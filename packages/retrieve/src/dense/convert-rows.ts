import { RagInstructError } from "@rag-instruct/core";
import { raiseShared } from "./raise-shared.ts";
import type { ScanTask } from "./scan-task.ts";
import { control } from "./shared-pass.ts";
import { floatTileRows, type Piece, type ThreadSpace } from "./thread-space.ts";
import { codeWidth } from "./wasm/kernels.ts";

/** Finds the longest row. Throws `file-corrupt` for a row that holds NaN or infinity. */
export function measureRows(space: ThreadSpace, task: ScanTask & { kind: "measure" }): void {
  const { pass, rows } = task;
  for (const piece of space.pieces(pass, rows.count, floatTileRows(pass.dimensions))) {
    const address = space.asFloats(rows, pass.dimensions, piece);
    const end = address + piece.count * pass.dimensions * 4;
    noteSquare(space, task, space.kernels.largestSquare(address, end), piece);
  }
}

/** Writes the codes of rows. Throws `file-corrupt` for a row that holds NaN or infinity. */
export function quantizePieces(space: ThreadSpace, task: ScanTask & { kind: "quantize" }): void {
  const { ints, floats, kernels, own } = space;
  const { pass, rows, to } = task;
  const { dimensions } = pass;
  const width = codeWidth(dimensions);
  for (let i = 0; i < 4; i++) ints[own.seeds / 4 + i] = Math.floor(Math.random() * 2 ** 31) + 1;
  let longest = 0;
  for (const piece of space.pieces(pass, rows.count, floatTileRows(dimensions))) {
    const { first, count } = piece;
    const address = space.asFloats(rows, dimensions, piece);
    noteSquare(space, task, kernels.largestSquare(address, address + count * dimensions * 4), piece);
    for (let row = 0; row < count; row++) {
      const scale = to.scales + (first + row) * 4;
      const vector = address + row * dimensions * 4;
      const square = kernels.quantizeRow(vector, pass.queryRows, to.address + (first + row) * width, own.seeds, scale);
      const length = Math.sqrt(square) * floats[scale / 4]!;
      if (length > longest) longest = length;
    }
  }
  raiseShared(ints, pass.control / 4 + control.longestCode, longest);
}

/** Keeps the largest sum of squares seen. */
export function noteSquare(
  { ints }: ThreadSpace,
  { pass, rows }: Pick<ScanTask & { kind: "measure" }, "pass" | "rows">,
  square: number,
  { first, count }: Piece,
): void {
  if (!Number.isFinite(square)) {
    const [from, to] = [rows.firstRow + first, rows.firstRow + first + count - 1];
    throw new RagInstructError(
      "file-corrupt",
      `a vector of rows ${from} to ${to} holds NaN or numbers too large; write the folder again`,
    );
  }
  raiseShared(ints, pass.control / 4 + control.largestSquare, square);
}
