import {
  add,
  advance,
  type Code,
  constant,
  get,
  i32,
  loadVector,
  loopBelow,
  set,
  store,
  storeVector,
  tee,
  v128,
  type WasmFunction,
} from "./assembler.ts";
import { i8x16, i16x8, i32x4, zeros } from "./opcodes.ts";

/** Numbers of one vector instruction; rows of bytes are padded to a multiple of it. */
export const bytesPerStep = 16;
/** Steps whose products are added in 16 bits before they are widened to 32. */
export const stepsPerGroup = 8;

const swapHalves = i8x16.shuffle(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
const swapPairs = i8x16.shuffle(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);

/**
 * `name(rows, rowsEnd, queries, out, scratch)`: int32 inner products of rows of 7-bit numbers with `queries` rows of int8, of
 * query q and row r at `out[q * outStride + r]`. Reads up to `tileRows - 1` rows beyond `rowsEnd`. `scratch` has room for
 * tileRows × queries vectors. Exact when no lane of a group leaves 16 bits; `quantizeQuery` sees to that.
 */
export function int8Products({
  name,
  width,
  tileRows,
  queries,
  outStride,
}: {
  name: string;
  width: number;
  tileRows: number;
  queries: number;
  outStride: number;
}): WasmFunction {
  const [rows, rowsEnd, queryRows, out, scratch, end] = [0, 1, 2, 3, 4, 5];
  // An address of each row and query: with these the code of a loop stays small, which the processor's front end needs.
  const rowAt = (r: number) => 6 + r;
  const queryAt = (q: number) => 6 + tileRows + q;
  const addresses = tileRows + queries;
  const vectors = 6 + addresses;
  const sum = (r: number, q: number) => vectors + r * queries + q;
  const row = vectors + tileRows * queries;
  const query = (q: number) => row + 1 + q;
  const tile = Array.from({ length: tileRows * queries }, (_, i) => ({
    r: Math.floor(i / queries),
    q: i % queries,
    at: i * 16,
  }));

  const step = (at: number): Code => [
    Array.from({ length: queries }, (_, q) => [get(queryAt(q)), loadVector(at), set(query(q))]),
    Array.from({ length: tileRows }, (_, r) => [
      [get(rowAt(r)), loadVector(at), set(row)],
      Array.from({ length: queries }, (_, q) => [
        [get(query(q)), get(row), i16x8.relaxedDotI8x16I7x16],
        at === 0 ? [] : [get(sum(r, q)), i16x8.add],
        set(sum(r, q)),
      ]),
    ]),
  ];
  const groupOf = (steps: number): Code => [
    Array.from({ length: steps }, (_, i) => step(i * bytesPerStep)),
    tile.map(({ r, q, at }) => [
      [get(scratch), get(sum(r, q)), i32x4.extaddPairwiseI16x8],
      [get(scratch), loadVector(at), i32x4.add, storeVector(at)],
    ]),
  ];
  const groupBytes = stepsPerGroup * bytesPerStep;
  const looped = width - (width % groupBytes);
  const everyAddress = Array.from({ length: addresses }, (_, i) => 6 + i);
  const groups: Code = [
    [get(rows), constant(looped), add, set(end)],
    loopBelow(rowAt(0), end, [groupOf(stepsPerGroup), everyAddress.map((local) => advance(local, groupBytes))]),
  ];
  const body: Code = [
    tile.map(({ at }) => [get(scratch), zeros, storeVector(at)]),
    Array.from({ length: tileRows }, (_, r) => [get(rows), constant(r * width), add, set(rowAt(r))]),
    Array.from({ length: queries }, (_, q) => [get(queryRows), constant(q * width), add, set(queryAt(q))]),
    looped === 0 ? [] : groups,
    looped === width ? [] : groupOf((width - looped) / bytesPerStep),
    tile.map(({ r, q, at }) => [
      [get(out), get(scratch), loadVector(at), tee(row), get(row), get(row), swapHalves, i32x4.add],
      [tee(row), get(row), get(row), swapPairs, i32x4.add, i32x4.extractLane(0)],
      store(0x36, (q * outStride + r) * 4),
    ]),
    advance(out, tileRows * 4),
    advance(rows, tileRows * width),
  ];
  return {
    name,
    params: [i32, i32, i32, i32, i32],
    results: [],
    locals: [
      ...Array.from({ length: 1 + addresses }, () => i32),
      ...Array.from({ length: tileRows * queries + 1 + queries }, () => v128),
    ],
    body: loopBelow(rows, rowsEnd, body),
  };
}
