import type { Candidates } from "./candidates.ts";
import { noteSquare } from "./convert-rows.ts";
import type { ScanTask, SharedRows } from "./scan-task.ts";
import type { Pass } from "./shared-pass.ts";
import { floatTileRows, type Piece, type ThreadSpace } from "./thread-space.ts";
import { codeWidth, productStride, queriesPerTile, rowsPerCall } from "./wasm/kernels.ts";

type Scan = ScanTask & { kind: "scan" };

/** Multiplies rows with all queries, tile by tile, and keeps the candidates. */
export function scanRows(space: ThreadSpace, candidates: Candidates, task: Scan): void {
  if (task.pass.precision === "float64") scanExactly(space, candidates, task);
  else scanTiles(space, candidates, task);
}

function scanTiles(space: ThreadSpace, candidates: Candidates, task: Scan): void {
  const { kernels, own } = space;
  const { pass, rows } = task;
  const { dimensions, queries } = pass;
  const isCodes = rows.dtype === "codes";
  const width = isCodes ? codeWidth(dimensions) : dimensions * 4;
  const queryRows = isCodes ? pass.queryCodes : pass.queryRows;
  const [three, one] = isCodes ? [kernels.int8Three, kernels.int8One] : [kernels.floatThree, kernels.floatOne];
  for (const piece of space.pieces(pass, rows.count, isCodes ? rowsPerCall : floatTileRows(dimensions))) {
    const address = isCodes ? rows.address + piece.first * width : space.asFloats(rows, dimensions, piece);
    const end = address + piece.count * width;
    // In order, and all into the second-level cache: the kernels go along several rows at once, which memory serves slower.
    kernels.touch(address, end);
    if (!isCodes && !task.measured) noteSquare(space, task, kernels.largestSquare(address, end), piece);
    const together = queries - (queries % queriesPerTile);
    for (let query = 0; query < together; query += queriesPerTile) {
      three(address, end, queryRows + query * width, own.products, own.sums);
      for (let q = 0; q < queriesPerTile; q++)
        selectTile(space, candidates, task, { query: query + q, place: q, piece });
    }
    for (let query = together; query < queries; query++) {
      one(address, end, queryRows + query * width, own.products, own.sums);
      selectTile(space, candidates, task, { query, place: 0, piece });
    }
  }
}

function selectTile(
  { kernels, own, ints }: ThreadSpace,
  candidates: Candidates,
  { pass, rows }: { pass: Pass; rows: SharedRows },
  { query, place, piece }: { query: number; place: number; piece: Piece },
): void {
  const to = candidates.room(query);
  const start = own.products + place * productStride * 4;
  const products = [start, start + piece.count * 4, candidates.threshold(query), rows.firstRow + piece.first] as const;
  const scoresEnd =
    rows.dtype === "codes"
      ? kernels.selectInt8(
          ...products,
          to.scores,
          to.rows,
          ints[pass.offsets / 4 + query]!,
          rows.scales + piece.first * 4,
        )
      : kernels.selectFloat(...products, to.scores, to.rows);
  candidates.appended(query, scoresEnd >>> 0);
}

function scanExactly(space: ThreadSpace, candidates: Candidates, { pass, rows }: Scan): void {
  const { kernels, ints, floats } = space;
  const width = pass.dimensions * 4;
  for (const piece of space.pieces(pass, rows.count, floatTileRows(pass.dimensions))) {
    const address = space.asFloats(rows, pass.dimensions, piece);
    for (let query = 0; query < pass.queries; query++) {
      const to = candidates.room(query);
      const least = candidates.threshold(query);
      let appended = 0;
      for (let row = 0; row < piece.count; row++) {
        const score = Math.fround(kernels.exactProduct(address + row * width, pass.queryRows + query * width));
        if (score < least) continue;
        floats[to.scores / 4 + appended] = score;
        ints[to.rows / 4 + appended++] = rows.firstRow + piece.first + row;
      }
      candidates.appended(query, to.scores + appended * 4);
    }
  }
}
