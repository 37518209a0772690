import { RagInstructError } from "@rag-instruct/core";
import type { Candidates } from "./candidates.ts";
import type { ScanTask, SharedRows } from "./scan-task.ts";
import { control, type Pass, paddedQueries } from "./shared-pass.ts";
import { floatTileRows, mostColumns, type Piece, type ThreadSpace } from "./thread-space.ts";
import { codeWidth, productStride, queriesPerTile, rowsPerCall } from "./wasm/kernels.ts";

/** Multiplies rows with all queries, tile by tile, and keeps the candidates. */
export function scanRows(space: ThreadSpace, candidates: Candidates, task: ScanTask & { kind: "scan" }): void {
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

/** A query is looked through by one thread at a time here: in one list its threshold rises sooner than in one a thread. */
const firstList = 0;

/** Keeps the candidates among products that were made elsewhere. */
export function selectProducts(space: ThreadSpace, candidates: Candidates, task: ScanTask & { kind: "select" }): void {
  const { pass, rows } = task;
  const columns = Math.min(mostColumns, paddedQueries(Math.ceil(pass.queries / pass.threads)));
  for (const { first: firstQuery } of space.pieces(pass, pass.queries, columns)) {
    for (let first = 0; first < rows.count; first += rowsPerCall) {
      const piece = { first, count: Math.min(rowsPerCall, rows.count - first) };
      selectColumns(space, candidates, task, { firstQuery, columns, piece });
    }
  }
}

function selectColumns(
  { kernels, own, floats }: ThreadSpace,
  candidates: Candidates,
  { pass, rows, products }: ScanTask & { kind: "select" },
  { firstQuery, columns, piece }: { firstQuery: number; columns: number; piece: Piece },
): void {
  const wanted = Math.min(columns, paddedQueries(pass.queries) - firstQuery);
  for (let q = 0; q < wanted; q++) {
    const query = firstQuery + q;
    const exists = query < pass.queries;
    if (exists) candidates.makeRoom(query, firstList);
    floats[own.thresholds / 4 + q] = exists ? candidates.threshold(query) : Number.POSITIVE_INFINITY;
  }
  const stride = paddedQueries(pass.queries) * 4;
  const start = products + piece.first * stride + firstQuery * 4;
  const list = firstQuery * pass.capacity * 4;
  const select = rows.dtype === "codes" ? kernels.selectInt8Columns : kernels.selectFloatColumns;
  select(
    start,
    start + piece.count * stride,
    stride,
    wanted,
    own.thresholds,
    rows.firstRow + piece.first,
    pass.counts + firstQuery * 4,
    pass.scores + list,
    pass.rows + list,
    pass.capacity * 4,
    pass.offsets + firstQuery * 4,
    rows.scales + piece.first * 4,
  );
}

/** Finds the longest row. Throws `file-corrupt` for a row that holds NaN or infinity. */
export function measureRows(space: ThreadSpace, task: ScanTask & { kind: "measure" }): void {
  const { pass, rows } = task;
  for (const piece of space.pieces(pass, rows.count, floatTileRows(pass.dimensions))) {
    const address = space.asFloats(rows, pass.dimensions, piece);
    const end = address + piece.count * pass.dimensions * 4;
    noteSquare(space, task, space.kernels.largestSquare(address, end), piece);
  }
}

/** Turns rows of float16 to float32. */
export function decodeRows(space: ThreadSpace, { pass, rows, to }: ScanTask & { kind: "decode" }): void {
  const { dimensions } = pass;
  for (const { first, count } of space.pieces(pass, rows.count, floatTileRows(dimensions))) {
    const [numbers, before] = [count * dimensions, first * dimensions];
    // A few numbers beyond the end are written too, and are what another thread writes there.
    const start = to + before * 4;
    space.kernels.decodeHalves(rows.address + before * 2, start, start + numbers * 4);
  }
}

/** Keeps the largest sum of squares seen; its bits order as those of an int32 do. */
function noteSquare(
  { ints }: ThreadSpace,
  { pass, rows }: { pass: Pass; rows: SharedRows },
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
  const place = pass.control / 4 + control.largestSquare;
  const bits = new Int32Array(Float32Array.of(square).buffer)[0]!;
  for (let seen = Atomics.load(ints, place); bits > seen; ) {
    const found = Atomics.compareExchange(ints, place, seen, bits);
    if (found === seen) return;
    seen = found;
  }
}
