import type { Candidates } from "./candidates.ts";
import { meet } from "./meeting.ts";
import type { Product } from "./product-runtime.ts";
import { rowBytes, type ScanTask, type SharedRows } from "./scan-task.ts";
import { type Pass, paddedQueries } from "./shared-pass.ts";
import { mostColumns, type Piece, type ThreadSpace } from "./thread-space.ts";
import { rowsPerCall } from "./wasm/kernels.ts";

/** Numbers of a product of one thread: few enough that none waits long for the slowest, and that it stops soon. */
const numbersPerPiece = 1 << 17;

/**
 * Multiplies a block with all queries on ONNX Runtime and keeps the candidates, by turns: threads take rows to multiply, meet,
 * take queries whose products they look through, and meet again.
 */
export async function scanProducts(
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
    if (!meet(space.ints, pass)) return;
    selectProducts(space, candidates, { pass, rows, products: products.address });
    if (!meet(space.ints, pass)) return;
  }
}

/** Address of rows that the runtime can multiply: as they are, or decoded. */
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

/** A query is looked through by one thread at a time here: in one list its threshold rises sooner than in one a thread. */
const firstList = 0;

/** Keeps the candidates among products. */
function selectProducts(space: ThreadSpace, candidates: Candidates, task: Products): void {
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
