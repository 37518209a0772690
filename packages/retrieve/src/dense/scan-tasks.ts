import { RagInstructError } from "@rag-instruct/core";
import { Candidates } from "./candidates.ts";
import { type Product, productRuntime } from "./product-runtime.ts";
import { rowBytes, type SharedRows } from "./row-store.ts";
import type { ScanTask } from "./scan-threads.ts";
import { rankCandidates, rescoreCandidates, scoreBlockCandidates } from "./score-candidates.ts";
import { control, type Pass, paddedQueries } from "./shared-pass.ts";
import {
  atomicMax,
  floatTileRows,
  maxColumns,
  type Piece,
  type ThreadSetup,
  type ThreadSpace,
  threadSpace,
  waitAtBarrier,
} from "./thread-space.ts";
import { codeWidth, productStride, queriesPerTile, rowsPerCall } from "./wasm/kernels.ts";

/** What one thread does: takes part in tasks over the shared memory. */
export function scanTasks(setup: ThreadSetup): (task: ScanTask) => void | Promise<void> {
  const space = threadSpace(setup);
  let last: { id: number; candidates: Candidates } | undefined;
  const candidatesFor = (pass: Pass): Candidates => {
    if (last?.id !== pass.id) last = { id: pass.id, candidates: new Candidates(space, pass) };
    return last.candidates;
  };
  const runtime = productRuntime(setup.memory);
  let prepared: { id: number; product: Promise<Product> } | undefined;
  const productFor = (pass: Pass): Promise<Product> => {
    if (prepared?.id !== pass.id) prepared = { id: pass.id, product: runtime.prepare(pass) };
    return prepared.product;
  };
  async function release(): Promise<void> {
    const held = prepared;
    prepared = undefined;
    // If it could not be prepared, the scan has failed with that error already.
    const product = await held?.product.catch(() => undefined);
    await product?.[Symbol.asyncDispose]();
  }
  async function scanOnRuntime(task: ScanTask & { kind: "scanProducts" }): Promise<void> {
    const { pass } = task;
    try {
      await scanProducts(space, { candidates: candidatesFor(pass), product: await productFor(pass) }, task);
    } catch (error) {
      // Otherwise the other threads would wait for this one at the barrier.
      Atomics.store(space.ints, pass.control / 4 + control.stop, 1);
      throw error;
    }
  }
  return (task) => {
    switch (task.kind) {
      case "scan":
        return scanRows(space, candidatesFor(task.pass), task);
      case "scanProducts":
        return scanOnRuntime(task);
      case "release":
        return release();
      case "measure":
        return measureRows(space, task);
      case "quantize":
        return quantizePieces(space, task);
      case "merge":
      case "prune": {
        const candidates = candidatesFor(task.pass);
        for (const { first } of space.pieces(task.pass, task.pass.queries, 1)) candidates[task.kind](first);
        return;
      }
      case "rescore":
        return rescoreCandidates(space, task);
      case "scoreBlock":
        return scoreBlockCandidates(space, candidatesFor(task.pass), task);
      case "rank":
        return rankCandidates(space, task);
    }
  };
}

type Scan = ScanTask & { kind: "scan" };

/** Multiplies rows with all queries, tile by tile, and keeps the candidates. */
function scanRows(space: ThreadSpace, candidates: Candidates, task: Scan): void {
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
    // Brings the rows into the second-level cache in order: the kernels read several rows at once, which is slower from memory.
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

/** Products of one call of the runtime: few, so that threads do not wait long for the slowest and stop soon when aborted. */
const numbersPerPiece = 1 << 17;

/**
 * Multiplies a block with all queries on ONNX Runtime and keeps the candidates. In turn, threads multiply pieces of rows, wait for
 * each other, select candidates for pieces of the queries, and wait for each other.
 */
async function scanProducts(
  space: ThreadSpace,
  { candidates, product }: { candidates: Candidates; product: Product },
  task: ScanTask & { kind: "scanProducts" },
): Promise<void> {
  const { pass, rows: block, products } = task;
  const queries = paddedQueries(pass.queries);
  const atOnce = Math.floor(products.numbers / queries);
  for (let first = 0; first < block.count; first += atOnce) {
    const rows = someOf(block, pass, { first, count: Math.min(atOnce, block.count - first) });
    const size = Math.max(1, Math.min(Math.floor(numbersPerPiece / queries), task.decoded.rows || rows.count));
    for (const piece of space.pieces(pass, rows.count, size)) {
      const address = addressForRuntime(space, task, someOf(rows, pass, piece));
      await product.multiply({ address, count: piece.count }, products.address + piece.first * queries * 4);
    }
    if (!waitAtBarrier(space.ints, pass)) return;
    selectProducts(space, candidates, { pass, rows, products: products.address });
    if (!waitAtBarrier(space.ints, pass)) return;
  }
}

/** Address of the rows in a form that the runtime can multiply: as they are, or decoded to float32. */
function addressForRuntime(
  { kernels, thread }: ThreadSpace,
  { pass, decoded }: ScanTask & { kind: "scanProducts" },
  rows: SharedRows,
): number {
  if (rows.dtype !== "float16") return rows.address;
  const own = decoded.address + thread * decoded.bytes;
  kernels.decodeHalves(rows.address, own, own + rows.count * pass.dimensions * 4);
  return own;
}

function someOf(rows: SharedRows, { dimensions }: Pass, { first, count }: Piece): SharedRows {
  return {
    ...rows,
    address: rows.address + first * rowBytes(rows.dtype, dimensions),
    firstRow: rows.firstRow + first,
    count,
    scales: rows.scales + first * 4,
  };
}

/** Products of some rows with all queries, row by row. */
interface Products {
  pass: Pass;
  rows: SharedRows;
  products: number;
}

/** Only one thread at a time selects for a query here, so that one list serves, whose threshold rises sooner than those of several. */
const firstList = 0;

/** Appends the products that reach the threshold of their query to its list of candidates. */
function selectProducts(space: ThreadSpace, candidates: Candidates, task: Products): void {
  const { pass, rows } = task;
  const columns = Math.min(maxColumns, paddedQueries(Math.ceil(pass.queries / pass.threads)));
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
  { pass, rows, products }: Products,
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

/** Notes the length of the longest row. Throws `file-corrupt` for a row that holds NaN or infinity. */
function measureRows(space: ThreadSpace, task: ScanTask & { kind: "measure" }): void {
  const { pass, rows } = task;
  for (const piece of space.pieces(pass, rows.count, floatTileRows(pass.dimensions))) {
    const address = space.asFloats(rows, pass.dimensions, piece);
    const end = address + piece.count * pass.dimensions * 4;
    noteSquare(space, task, space.kernels.largestSquare(address, end), piece);
  }
}

/** Writes the codes of rows. Throws `file-corrupt` for a row that holds NaN or infinity. */
function quantizePieces(space: ThreadSpace, task: ScanTask & { kind: "quantize" }): void {
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
  atomicMax(ints, pass.control / 4 + control.longestCode, longest);
}

/** Notes the sum of squares of the longest row of a piece. */
function noteSquare(
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
  atomicMax(ints, pass.control / 4 + control.largestSquare, square);
}
