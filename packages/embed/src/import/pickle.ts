import { open } from "node:fs/promises";
import type { ByteReader } from "@rag-instruct/core/node";
import {
  allowedCalls,
  allowedGlobals,
  build,
  isKind,
  PickleMemo,
  refuse,
  type SpilledBytes,
  TextColumn,
  type Value,
} from "./pickle-values.ts";

/** An opcode, the longest length and a text that short: what is read without waiting, which ids by the million need. */
const shortOperand = 264;
/** Longer byte strings go to a file. */
const spillFrom = 1 << 20;
const maxProtocol = 5;

interface Machine {
  reader: ByteReader;
  stack: Value[];
  /** Heights of the stack at each MARK. */
  marks: number[];
  memo: PickleMemo;
  /** Where bytes that are too many for memory go. */
  spillTo: string;
}

/**
 * Reads one pickle of protocol 2 to 5 as a stream, by the few opcodes and globals that (ids, ndarray) needs. Nothing is
 * imported or run: anything else is refused by name with its byte. The meaning of the opcodes is that of Python's pickletools.
 */
export async function readPickle(reader: ByteReader, { spillTo }: { spillTo: string }): Promise<Value> {
  const machine: Machine = { reader, stack: [], marks: [], memo: new PickleMemo(), spillTo };
  for (;;) {
    const filling = reader.fill(shortOperand);
    if (filling) await filling;
    const position = reader.position;
    const code = reader.takeHeld(1)[0]!;
    if (code === stop) return popped(machine);
    const operation = operations[code];
    if (!operation) {
      throw refuse(
        reader.name,
        position,
        `the opcode 0x${code.toString(16)} (${JSON.stringify(String.fromCharCode(code))})`,
      );
    }
    const waiting = operation(machine);
    if (waiting) await waiting;
  }
}

const stop = ".".charCodeAt(0);

/** Opcodes by their names in pickletools. */
const opcodes = {
  PROTO: 0x80,
  FRAME: 0x95,
  EMPTY_LIST: 0x5d,
  EMPTY_TUPLE: 0x29,
  MARK: 0x28,
  TUPLE: 0x74,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  APPEND: 0x61,
  APPENDS: 0x65,
  MEMOIZE: 0x94,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  SHORT_BINUNICODE: 0x8c,
  BINUNICODE: 0x58,
  BINUNICODE8: 0x8d,
  SHORT_BINBYTES: 0x43,
  BINBYTES: 0x42,
  BINBYTES8: 0x8e,
  BYTEARRAY8: 0x96,
  BININT1: 0x4b,
  BININT2: 0x4d,
  BININT: 0x4a,
  LONG1: 0x8a,
  NONE: 0x4e,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  GLOBAL: 0x63,
  STACK_GLOBAL: 0x93,
  REDUCE: 0x52,
  BUILD: 0x62,
} as const;

type Operation = (machine: Machine) => Promise<void> | void;

function byCode(entries: Record<keyof typeof opcodes, Operation>): readonly (Operation | undefined)[] {
  const table: (Operation | undefined)[] = [];
  for (const [name, operation] of Object.entries(entries)) table[opcodes[name as keyof typeof opcodes]] = operation;
  return table;
}

const push =
  (value: (machine: Machine) => Value): Operation =>
  (machine) =>
    void machine.stack.push(value(machine));
const uint8 = ({ reader }: Machine) => reader.takeHeld(1)[0]!;
const uint32 = ({ reader }: Machine) => reader.takeHeld(4).readUInt32LE();
const uint64 = ({ reader }: Machine) => Number(reader.takeHeld(8).readBigUInt64LE());
const tuple = (count: number): Operation => push((machine) => ({ kind: "tuple", items: taken(machine, count) }));
const remember = (machine: Machine, index: number) => {
  if (!machine.memo.put(index, top(machine))) throw unsound(machine, "a memo number that is not the next one");
};
const recall = (index: (machine: Machine) => number): Operation =>
  push((machine) => {
    const value = machine.memo.get(index(machine));
    if (value === undefined) throw unsound(machine, "a reference to nothing");
    return value;
  });
const text =
  (length: (machine: Machine) => number): Operation =>
  (machine) => {
    const count = length(machine);
    if (count < shortOperand - 8) return void machine.stack.push(machine.reader.takeHeld(count).toString("utf8"));
    return pushLong(machine, async () =>
      count > spillFrom ? spill(machine, latin1(machine, count)) : (await machine.reader.take(count)).toString("utf8"),
    );
  };
const bytes =
  (length: (machine: Machine) => number): Operation =>
  (machine) => {
    const count = length(machine);
    return pushLong(machine, () =>
      count > spillFrom ? spill(machine, machine.reader.stream(count)) : machine.reader.take(count),
    );
  };

async function pushLong({ stack }: Machine, value: () => Promise<Value>): Promise<void> {
  stack.push(await value());
}

const operations = byCode({
  PROTO: (machine) => {
    const protocol = uint8(machine);
    if (protocol < 2 || protocol > maxProtocol) throw unsound(machine, `pickle protocol ${protocol}`);
  },
  FRAME: ({ reader }) => void reader.takeHeld(8), // FRAME: its length helps only readers that buffer
  EMPTY_LIST: push(() => ({ kind: "list", items: new TextColumn() })),
  EMPTY_TUPLE: push(() => ({ kind: "tuple", items: [] })),
  MARK: ({ marks, stack }) => void marks.push(stack.length),
  TUPLE: push((machine) => ({ kind: "tuple", items: sinceMark(machine) })),
  TUPLE1: tuple(1),
  TUPLE2: tuple(2),
  TUPLE3: tuple(3),
  APPEND: (machine) => append(machine, taken(machine, 1)),
  APPENDS: (machine) => append(machine, sinceMark(machine)),
  MEMOIZE: (machine) => remember(machine, machine.memo.length),
  BINPUT: (machine) => remember(machine, uint8(machine)),
  LONG_BINPUT: (machine) => remember(machine, uint32(machine)),
  BINGET: recall(uint8),
  LONG_BINGET: recall(uint32),
  SHORT_BINUNICODE: text(uint8),
  BINUNICODE: text(uint32),
  BINUNICODE8: text(uint64),
  SHORT_BINBYTES: bytes(uint8),
  BINBYTES: bytes(uint32),
  BINBYTES8: bytes(uint64),
  BYTEARRAY8: bytes(uint64),
  BININT1: push(uint8),
  BININT2: push(({ reader }) => reader.takeHeld(2).readUInt16LE()),
  BININT: push(({ reader }) => reader.takeHeld(4).readInt32LE()),
  LONG1: push((machine) => longOf(machine.reader.takeHeld(uint8(machine)))),
  NONE: push(() => null),
  NEWTRUE: push(() => true),
  NEWFALSE: push(() => false),
  GLOBAL: (machine) =>
    pushLong(machine, async () => {
      const module = (await machine.reader.takeLine()).toString("utf8");
      return global(machine, module, (await machine.reader.takeLine()).toString("utf8"));
    }),
  STACK_GLOBAL: push((machine) => {
    const [module, name] = taken(machine, 2);
    return global(machine, String(module), String(name));
  }),
  REDUCE: push((machine) => {
    const [callee, input] = taken(machine, 2);
    const call = isKind(callee, "global") ? allowedCalls[callee.name] : undefined;
    const made = call && isKind(input, "tuple") ? call(input.items) : undefined;
    if (made === undefined) throw unsound(machine, "a call that is not one of NumPy's for arrays");
    return made;
  }),
  BUILD: push((machine) => {
    const [target, state] = taken(machine, 2);
    const built = build(target, state);
    if (built === undefined) throw unsound(machine, "a state that is not one of NumPy's for arrays");
    return built;
  }),
});

function global(machine: Machine, module: string, name: string): Value {
  const full = `${module}.${name}`;
  if (!allowedGlobals.has(full)) throw unsound(machine, `the global ${full}`);
  return { kind: "global", name: full };
}

function append(machine: Machine, items: Value[]): void {
  const list = top(machine);
  if (!isKind(list, "list")) throw unsound(machine, "an item added to a value that is not a list");
  for (const item of items) {
    if (typeof item !== "string" && typeof item !== "number") {
      throw unsound(machine, "a list of values other than texts and numbers");
    }
    list.items.push(String(item));
  }
}

function longOf(little: Buffer): number {
  let value = 0n;
  for (const [i, byte] of little.entries()) value |= BigInt(byte) << BigInt(8 * i);
  return Number(BigInt.asIntN(8 * little.length, value));
}

function popped(machine: Machine): Value {
  return taken(machine, 1)[0]!;
}

function top(machine: Machine): Value {
  const value = machine.stack.at(-1);
  if (value === undefined) throw unsound(machine, "an empty stack");
  return value;
}

function taken(machine: Machine, count: number): Value[] {
  if (machine.stack.length < count) throw unsound(machine, "an empty stack");
  return machine.stack.splice(machine.stack.length - count, count);
}

function sinceMark(machine: Machine): Value[] {
  const height = machine.marks.pop();
  if (height === undefined || height > machine.stack.length) throw unsound(machine, "no mark");
  return machine.stack.splice(height);
}

function unsound({ reader }: Machine, what: string): Error {
  return refuse(reader.name, reader.position, what);
}

async function spill({ spillTo }: Machine, chunks: AsyncIterable<Buffer>): Promise<SpilledBytes> {
  await using file = await open(spillTo, "w");
  let length = 0;
  for await (const chunk of chunks) {
    await file.writeFile(chunk);
    length += chunk.length;
  }
  return { kind: "spilled", path: spillTo, length };
}

/** Protocol 2 has no bytes: they are written as the UTF-8 of the characters of the same numbers. */
async function* latin1(machine: Machine, count: number): AsyncGenerator<Buffer> {
  let lead = 0;
  for await (const chunk of machine.reader.stream(count)) {
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (lead !== 0) {
        out[length++] = ((lead & 3) << 6) | (byte & 0x3f);
        lead = 0;
      } else if (byte < 0x80) out[length++] = byte;
      else if (byte === 0xc2 || byte === 0xc3) lead = byte;
      else throw unsound(machine, "a long text that is not bytes written as latin-1");
    }
    yield out.subarray(0, length);
  }
}
