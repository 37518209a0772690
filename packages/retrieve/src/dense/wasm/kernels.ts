import { assemble } from "./assembler.ts";
import { decodeHalves, exactProduct, floatProduct, floatProducts, largestSquare, touch } from "./float-rows.ts";
import { bytesPerStep, int8Products, quantizeRow } from "./int8-rows.ts";
import { countAtLeast, keepAtLeast, selectAbove, selectColumns, unlift } from "./select-candidates.ts";

/** Memory that threads and their kernels share. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** Compiled kernels, which can be posted to threads. */
export type KernelModule = object;

// What is used here of the global `WebAssembly`, which Node's types leave out.
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => KernelModule;
  Instance: new (module: KernelModule, imports: { shared: { memory: SharedMemory } }) => { exports: object };
};
const pageBytes = 65_536;

// Memories that are no longer used, to be used again while they exist: V8 knows little of their size and collects them late.
const returned: WeakRef<SharedMemory>[] = [];

/** A memory of at least so many bytes, not necessarily zeros; the system provides pages as they are used. */
export function sharedMemory(bytes: number): SharedMemory {
  const pages = Math.ceil(bytes / pageBytes);
  return takeReturned(pages) ?? new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** Gives back a memory that no thread uses any longer. */
export function returnMemory(memory: SharedMemory): void {
  returned.push(new WeakRef(memory));
}

/** The smallest memory given back that is large enough, unless it is more than twice as large. */
function takeReturned(pages: number): SharedMemory | undefined {
  const there = returned.flatMap((reference) => reference.deref() ?? []);
  const size = (memory: SharedMemory) => memory.buffer.byteLength / pageBytes;
  const fitting = there.filter((memory) => size(memory) >= pages && size(memory) <= 2 * pages);
  const [taken] = fitting.sort((a, b) => size(a) - size(b));
  const rest = there.filter((memory) => memory !== taken);
  returned.splice(0, returned.length, ...rest.map((memory) => new WeakRef(memory)));
  return taken;
}

/** Queries multiplied with a tile of rows at once; the remaining one or two are multiplied singly. */
export const queriesPerTile = 3;
/** Most rows of one call of a kernel. */
export const rowsPerCall = 192;
/** Numbers from one query's products to the next query's. */
export const productStride = rowsPerCall + 16;
const [rowsOfThree, rowsOfOne] = [3, 4];
/** Rows that may be read, and products written, beyond the last. */
export const overrun = 4;

/** Bytes of a row of codes. */
export const codeWidth = (dimensions: number) => Math.ceil(dimensions / bytesPerStep) * bytesPerStep;

type SelectColumns = (
  products: number,
  end: number,
  stride: number,
  columns: number,
  thresholds: number,
  firstRow: number,
  counts: number,
  scores: number,
  rows: number,
  capacity: number,
  offsets: number,
  scales: number,
) => void;

/** Addresses are bytes of the shared memory; see each function's own file. */
export interface Kernels {
  int8Three(rows: number, rowsEnd: number, queries: number, out: number, scratch: number): void;
  int8One(rows: number, rowsEnd: number, queries: number, out: number, scratch: number): void;
  floatThree(rows: number, rowsEnd: number, queries: number, out: number): void;
  floatOne(rows: number, rowsEnd: number, queries: number, out: number): void;
  selectInt8(
    products: number,
    end: number,
    threshold: number,
    firstRow: number,
    scores: number,
    rows: number,
    offset: number,
    scales: number,
  ): number;
  selectFloat(products: number, end: number, threshold: number, firstRow: number, scores: number, rows: number): number;
  selectInt8Columns: SelectColumns;
  selectFloatColumns: SelectColumns;
  countAtLeast(scores: number, end: number, least: number): number;
  keepAtLeast(scores: number, rows: number, end: number, least: number): number;
  unlift(scores: number, rows: number, end: number, to: number, scales: number, lift: number): void;
  quantizeRow(row: number, center: number, codes: number, random: number, scale: number): number;
  largestSquare(rows: number, rowsEnd: number): number;
  exactProduct(row: number, query: number): number;
  floatProduct(row: number, query: number): number;
  decodeHalves(from: number, to: number, toEnd: number): void;
  touch(start: number, end: number): number;
}

const compiled = new Map<number, KernelModule>();

/** The machine code of a search over vectors of that many dimensions, for any number of threads and indexes. */
export function compileKernels(dimensions: number): KernelModule {
  const known = compiled.get(dimensions);
  if (known) return known;
  const module = compile(dimensions);
  compiled.set(dimensions, module);
  return module;
}

function compile(dimensions: number): KernelModule {
  const outStride = productStride;
  const width = codeWidth(dimensions);
  return new WebAssembly.Module(
    assemble([
      int8Products({ name: "int8Three", width, tileRows: rowsOfThree, queries: queriesPerTile, outStride }),
      int8Products({ name: "int8One", width, tileRows: rowsOfOne, queries: 1, outStride }),
      floatProducts({ name: "floatThree", dimensions, tileRows: rowsOfThree, queries: queriesPerTile, outStride }),
      floatProducts({ name: "floatOne", dimensions, tileRows: rowsOfOne, queries: 1, outStride }),
      selectAbove("selectInt8", { scaled: true }),
      selectAbove("selectFloat", { scaled: false }),
      selectColumns("selectInt8Columns", { scaled: true }),
      selectColumns("selectFloatColumns", { scaled: false }),
      countAtLeast(),
      keepAtLeast(),
      unlift(),
      quantizeRow(dimensions),
      largestSquare(dimensions),
      exactProduct(dimensions),
      floatProduct(dimensions),
      decodeHalves(),
      touch(),
    ]),
  );
}

/** Kernels over a shared memory. */
export function instantiateKernels(module: KernelModule, memory: SharedMemory): Kernels {
  return new WebAssembly.Instance(module, { shared: { memory } }).exports as Kernels;
}
