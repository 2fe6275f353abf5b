import { concatBytes, toHex } from "#base/bytes.ts";
import { ok, type Result, refused } from "#base/result.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";

/**
 * A value that a pickle holds. Nothing in a pickle is ever executed: a class or a call is kept as the names and
 * arguments it was written with. A list is an array; integers beyond 2^53 are bigints.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PickleValue[]
  | PickleShared
  | PickleTuple
  | PickleDict
  | PickleSet
  | PickleBytes
  | PickleGlobal
  | PickleObject;

/** A text that Python holds once however often it appears: written once, recalled after. Never comes out of a decoder. */
export interface PickleShared {
  readonly type: "shared";
  readonly text: string;
}

export interface PickleTuple {
  readonly type: "tuple";
  readonly items: readonly PickleValue[];
}

export interface PickleDict {
  readonly type: "dict";
  readonly pairs: (readonly [PickleValue, PickleValue])[];
}

export interface PickleSet {
  readonly type: "set";
  readonly items: PickleValue[];
}

export interface PickleBytes {
  readonly type: "bytes";
  readonly bytes: Uint8Array;
}

/** A class or function, by the name that the pickle gives. */
export interface PickleGlobal {
  readonly type: "global";
  readonly module: string;
  readonly name: string;
}

/** What calling or instantiating a global would have made; it is not made. */
export interface PickleObject {
  readonly type: "object";
  readonly module: string;
  readonly name: string;
  readonly args: PickleValue;
  /** Instantiated as plain objects are since protocol 2, with no call of its own; else, or left out: what a call returned. */
  readonly isNew?: boolean;
  state: PickleValue;
}

export interface PickleProblem {
  /** From the first byte of the pickle. */
  readonly offset: number;
  readonly reason: string;
}

export interface Pickled {
  readonly value: PickleValue;
  /** Where the pickle ends; what follows it is not looked at, as Python does not. */
  readonly end: number;
}

const MARK: unique symbol = Symbol("mark");
type Slot = PickleValue | typeof MARK;

/** Of Python 3.8 and later; a higher one is refused by every release so far. */
const LATEST_PROTOCOL = 5;

/** Deeper nesting than any real command has is refused, so that hostile bytes cannot exhaust the stack. */
const STACK_MAX = 100_000;

/** Reads one pickle of protocol 0 to 5, as far as data goes: numbers, text, bytes, containers, and objects as opaque. */
export function decodePickle(bytes: Uint8Array): Result<Pickled, PickleProblem> {
  const reader = new Unpickler(bytes);
  const value = reader.run();
  if (reader.problem !== null) return refused({ offset: reader.opcodeAt, reason: reader.problem });
  return ok({ value, end: reader.at });
}

/** What an unpickler calls while it loads this, each once, as "os.system"; as far as the pickle can be read. */
export function callsIn(bytes: Uint8Array): readonly string[] {
  const reader = new Unpickler(bytes);
  reader.run();
  return [...reader.calls];
}

class Unpickler {
  at = 0;
  opcodeAt = 0;
  /** Set once, by the opcode that cannot be carried out; reading ends there. */
  problem: string | null = null;
  readonly calls = new Set<string>();
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly places = new Map<PickleDict, Map<PickleValue, number>>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    while (this.problem === null) {
      this.opcodeAt = this.at;
      const opcode = this.bytes[this.at++];
      if (opcode === undefined) this.fail("the pickle ends before its STOP");
      else if (opcode === 0x2e) return this.pop();
      else this.execute(opcode);
    }
    return null;
  }

  private fail(reason: string): null {
    this.problem ??= reason;
    return null;
  }

  private execute(opcode: number): void {
    const scalar = this.scalar(opcode);
    if (scalar !== undefined) this.stack.push(scalar);
    else if (!this.container(opcode) && !this.remember(opcode) && !this.object(opcode)) {
      const name = `0x${opcode.toString(16).padStart(2, "0")}`;
      this.fail(`opcode ${name} is not one that data is written with`);
    }
    if (this.stack.length > STACK_MAX) this.fail("the pickle is nested too deeply");
  }

  /** Numbers, text and bytes; undefined when the opcode is none of these. */
  private scalar(opcode: number): PickleValue | undefined {
    switch (opcode) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4b: // BININT1
        return this.unsigned(1);
      case 0x4d: // BININT2
        return this.unsigned(2);
      case 0x4a: // BININT
        return this.unsigned(4) | 0;
      case 0x8a: // LONG1
        return this.long(this.unsigned(1));
      case 0x8b: // LONG4
        return this.long(this.unsigned(4));
      case 0x47: // BINFLOAT
        return this.float();
      case 0x49: // INT
        return this.integerLine();
      case 0x4c: // LONG
        return this.integer(this.line().replace(/L$/, ""));
      case 0x46: // FLOAT
        return this.floatLine();
      case 0x58: // BINUNICODE
        return this.text(this.unsigned(4));
      case 0x8c: // SHORT_BINUNICODE
        return this.text(this.unsigned(1));
      case 0x8d: // BINUNICODE8
        return this.text(this.length8());
      case 0x56: // UNICODE
        return unescapeUnicode(this.line());
      case 0x55: // SHORT_BINSTRING
        return this.oldString(this.unsigned(1));
      case 0x54: // BINSTRING
        return this.oldString(this.unsigned(4));
      case 0x53: // STRING
        return this.quotedLine();
      case 0x43: // SHORT_BINBYTES
        return this.raw(this.unsigned(1));
      case 0x42: // BINBYTES
        return this.raw(this.unsigned(4));
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.raw(this.length8());
      default:
        return undefined;
    }
  }

  private container(opcode: number): boolean {
    switch (opcode) {
      case 0x28: // MARK
        this.stack.push(MARK);
        return true;
      case 0x29: // EMPTY_TUPLE
        this.stack.push({ type: "tuple", items: [] });
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: {
        // TUPLE3
        const items: PickleValue[] = [];
        for (let count = opcode - 0x84; count > 0; count--) items.unshift(this.pop());
        this.stack.push({ type: "tuple", items });
        return true;
      }
      case 0x74: // TUPLE
        this.stack.push({ type: "tuple", items: this.sinceMark() });
        return true;
      case 0x5d: // EMPTY_LIST
        this.stack.push([]);
        return true;
      case 0x6c: // LIST
        this.stack.push(this.sinceMark());
        return true;
      case 0x61: // APPEND
        this.extend([this.pop()]);
        return true;
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        this.extend(this.sinceMark());
        return true;
      case 0x7d: // EMPTY_DICT
        this.stack.push({ type: "dict", pairs: [] });
        return true;
      case 0x64: // DICT
        this.stack.push({ type: "dict", pairs: this.pairs(this.sinceMark()) });
        return true;
      case 0x73: {
        // SETITEM
        const value = this.pop();
        this.fill([[this.pop(), value]]);
        return true;
      }
      case 0x75: // SETITEMS
        this.fill(this.pairs(this.sinceMark()));
        return true;
      case 0x8f: // EMPTY_SET
        this.stack.push({ type: "set", items: [] });
        return true;
      case 0x91: // FROZENSET
        this.stack.push({ type: "set", items: this.sinceMark() });
        return true;
      default:
        return false;
    }
  }

  /** Frames, the memo, and the stack itself. */
  private remember(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        if (this.unsigned(1) > LATEST_PROTOCOL) this.fail("its protocol is not known");
        return true;
      case 0x95: // FRAME
        this.take(8);
        return true;
      case 0x71: // BINPUT
        this.memo.set(this.unsigned(1), this.peek());
        return true;
      case 0x72: // LONG_BINPUT
        this.memo.set(this.unsigned(4), this.peek());
        return true;
      case 0x70: // PUT
        this.memo.set(this.memoLine(), this.peek());
        return true;
      case 0x94: // MEMOIZE
        this.memo.set(this.memo.size, this.peek());
        return true;
      case 0x68: // BINGET
        this.stack.push(this.recall(this.unsigned(1)));
        return true;
      case 0x6a: // LONG_BINGET
        this.stack.push(this.recall(this.unsigned(4)));
        return true;
      case 0x67: // GET
        this.stack.push(this.recall(this.memoLine()));
        return true;
      case 0x30: // POP
        if (this.stack.pop() === undefined) this.fail("the stack is empty");
        return true;
      case 0x31: // POP_MARK
        this.sinceMark();
        return true;
      case 0x32: // DUP
        this.stack.push(this.peek());
        return true;
      default:
        return false;
    }
  }

  private object(opcode: number): boolean {
    switch (opcode) {
      case 0x63: {
        // GLOBAL
        const module = this.name();
        this.stack.push({ type: "global", module, name: this.name() });
        return true;
      }
      case 0x93: {
        // STACK_GLOBAL
        const name = this.pop();
        const module = this.pop();
        if (typeof module !== "string" || typeof name !== "string") {
          this.fail("a class is named by something that is not text");
        } else this.stack.push({ type: "global", module, name });
        return true;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const args = this.pop();
        const callable = this.pop();
        if (isGlobal(callable)) {
          this.calls.add(`${callable.module}.${callable.name}`);
          this.stack.push(instance(callable, args, opcode === 0x81));
        } else this.fail("something that is no class is called");
        return true;
      }
      case 0x69: // INST, which data is not written with any more: it is refused, and named.
        this.calls.add(`${this.name()}.${this.name()}`);
        return false;
      case 0x6f: {
        // OBJ: likewise.
        const [callable = null] = this.sinceMark();
        if (isGlobal(callable)) this.calls.add(`${callable.module}.${callable.name}`);
        return false;
      }
      case 0x62: {
        // BUILD
        const state = this.pop();
        const target = this.peek();
        if (isObject(target)) target.state = state;
        else this.fail("a state is set on something that is no object");
        return true;
      }
      default:
        return false;
    }
  }

  /** Where these bytes start; -1 when there are not so many left. */
  private take(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) {
      this.fail("the pickle is cut short");
      return -1;
    }
    this.at += length;
    return start;
  }

  private unsigned(width: 1 | 2 | 4): number {
    const start = this.take(width);
    if (start < 0) return 0;
    if (width === 1) return this.view.getUint8(start);
    return width === 2 ? this.view.getUint16(start, true) : this.view.getUint32(start, true);
  }

  private float(): number {
    const start = this.take(8);
    return start < 0 ? 0 : this.view.getFloat64(start, false);
  }

  private length8(): number {
    const length = this.unsigned(4);
    return this.unsigned(4) === 0 ? length : Number.MAX_SAFE_INTEGER;
  }

  private long(width: number): number | bigint {
    const bytes = this.slice(width);
    if (bytes.length === 0) return 0;
    return narrow(BigInt.asIntN(width * 8, BigInt(`0x${toHex(bytes.reverse())}`)));
  }

  /** A line that Python 3 takes for UTF-8. */
  private name(): string {
    const text = decodeUtf8(Uint8Array.from(this.line(), (each) => each.charCodeAt(0)));
    if (text === null) this.fail("a class has a name that is not UTF-8");
    return text ?? "";
  }

  private line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) {
      this.fail("the pickle is cut short");
      return "";
    }
    const text = latin1(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  private integerLine(): PickleValue {
    const text = this.line();
    if (text === "00") return false;
    return text === "01" ? true : this.integer(text);
  }

  private integer(text: string): number | bigint {
    if (/^-?\d{1,5000}$/.test(text)) return narrow(BigInt(text));
    this.fail("a number is not one");
    return 0;
  }

  private floatLine(): number {
    const text = this.line();
    const value = Number(text);
    if (text === "" || Number.isNaN(value)) this.fail("a number is not one");
    return value;
  }

  private memoLine(): number {
    const key = this.integer(this.line());
    if (typeof key === "number") return key;
    this.fail("a memo number is too large");
    return 0;
  }

  private text(length: number): string {
    const text = decodeUtf8(this.slice(length));
    if (text === null) this.fail("text is not UTF-8");
    return text ?? "";
  }

  /** Python 2 did not tell text from bytes: ASCII is taken for text, anything else stays bytes. */
  private oldString(length: number): PickleValue {
    return textOrBytes(this.slice(length));
  }

  private quotedLine(): PickleValue {
    const quoted = /^(['"])(.*)\1$/.exec(this.line());
    if (quoted === null) this.fail("a string has no quotes");
    return textOrBytes(unescapeBytes(quoted?.[2] ?? ""));
  }

  private raw(length: number): PickleBytes {
    return { type: "bytes", bytes: this.slice(length) };
  }

  private slice(length: number): Uint8Array {
    const start = this.take(length);
    return start < 0 ? new Uint8Array() : this.bytes.slice(start, start + length);
  }

  private pop(): PickleValue {
    const slot = this.stack.pop();
    return slot === undefined || slot === MARK ? this.fail("the stack is empty") : slot;
  }

  private peek(): PickleValue {
    const slot = this.stack.at(-1);
    return slot === undefined || slot === MARK ? this.fail("the stack is empty") : slot;
  }

  private recall(key: number): PickleValue {
    const value = this.memo.get(key);
    return value === undefined ? this.fail(`memo ${key} was never written`) : value;
  }

  private sinceMark(): PickleValue[] {
    const at = this.stack.lastIndexOf(MARK);
    if (at < 0) {
      this.fail("a mark is missing");
      return [];
    }
    const items = this.stack.splice(at).slice(1);
    return items.filter((slot) => slot !== MARK);
  }

  private pairs(items: readonly PickleValue[]): (readonly [PickleValue, PickleValue])[] {
    if (items.length % 2 !== 0) this.fail("a key has no value");
    const pairs: (readonly [PickleValue, PickleValue])[] = [];
    for (let i = 0; i + 1 < items.length; i += 2) {
      pairs.push([items[i] as PickleValue, items[i + 1] as PickleValue]);
    }
    return pairs;
  }

  private extend(items: readonly PickleValue[]): void {
    const target = this.peek();
    const list = isList(target) ? (target as PickleValue[]) : isSet(target) ? target.items : null;
    if (list !== null) for (const item of items) list.push(item);
    else if (!isObject(target)) this.fail("items are added to something that holds none");
  }

  private fill(pairs: readonly (readonly [PickleValue, PickleValue])[]): void {
    const target = this.peek();
    if (!isDict(target)) {
      if (!isObject(target)) this.fail("a key is set on something that holds none");
      return;
    }
    const places = this.places.get(target) ?? new Map<PickleValue, number>();
    this.places.set(target, places);
    for (const pair of pairs) {
      const place = places.get(pair[0]);
      if (place !== undefined) target.pairs[place] = pair;
      else places.set(pair[0], target.pairs.push(pair) - 1);
    }
  }
}

/** The few callables that stand for plain data, as what they make; all others as opaque objects. */
function instance(callable: PickleGlobal, args: PickleValue, isNew: boolean): PickleValue {
  const items = isTuple(args) ? args.items : [];
  const name = `${callable.module} ${callable.name}`;
  if (name === "_codecs encode" && typeof items[0] === "string" && items[1] === "latin1") {
    return { type: "bytes", bytes: Uint8Array.from(items[0], (each) => each.charCodeAt(0)) };
  }
  if ((name === "__builtin__ bytes" || name === "builtins bytes") && items.length === 0) {
    return { type: "bytes", bytes: new Uint8Array() };
  }
  if (/^(__builtin__|builtins) (frozen)?set$/.test(name) && isList(items[0] ?? null)) {
    return { type: "set", items: [...(items[0] as readonly PickleValue[])] };
  }
  if (name === "copy_reg _reconstructor" && isGlobal(items[0] ?? null)) {
    const { module, name: made } = items[0] as PickleGlobal;
    const none = { type: "tuple", items: [] } as const;
    return { type: "object", module, name: made, args: none, isNew: true, state: null };
  }
  const { module, name: made } = callable;
  return { type: "object", module, name: made, args, isNew, state: null };
}

export function isList(value: PickleValue): value is readonly PickleValue[] {
  return Array.isArray(value);
}

export function isTuple(value: PickleValue): value is PickleTuple {
  return isTagged(value) && value.type === "tuple";
}

export function isDict(value: PickleValue): value is PickleDict {
  return isTagged(value) && value.type === "dict";
}

export function isSet(value: PickleValue): value is PickleSet {
  return isTagged(value) && value.type === "set";
}

function isGlobal(value: PickleValue): value is PickleGlobal {
  return isTagged(value) && value.type === "global";
}

export function isObject(value: PickleValue): value is PickleObject {
  return isTagged(value) && value.type === "object";
}

type Tagged = Extract<PickleValue, { readonly type: string }>;

function isTagged(value: PickleValue): value is Tagged {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function narrow(value: bigint): number | bigint {
  const small = value >= -9007199254740991n && value <= 9007199254740991n;
  return small ? Number(value) : value;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function textOrBytes(bytes: Uint8Array): PickleValue {
  return bytes.every((byte) => byte < 128) ? latin1(bytes) : { type: "bytes", bytes };
}

/** Protocol 0 text: raw-unicode-escape. */
function unescapeUnicode(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, four, eight) => {
    const code = Number.parseInt(four ?? eight, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function unescapeBytes(text: string): Uint8Array {
  const plain: Readonly<Record<string, number>> = {
    n: 10,
    r: 13,
    t: 9,
    "\\": 92,
    "'": 39,
    '"': 34,
  };
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const hex = /^\\x([0-9a-fA-F]{2})/.exec(text.slice(i, i + 4));
    const escaped = text[i] === "\\" ? plain[text[i + 1] ?? ""] : undefined;
    if (hex !== null) {
      bytes.push(Number.parseInt(hex[1] ?? "", 16));
      i += 3;
    } else if (escaped !== undefined) {
      bytes.push(escaped);
      i += 1;
    } else bytes.push(text.charCodeAt(i) & 255);
  }
  return Uint8Array.from(bytes);
}

/** What the library's pickler (protocol 2, always) writes for plain data: numbers, text, tuples, lists, dicts. */
export function encodePickle(value: PickleValue): Uint8Array {
  const pickler = new Pickler();
  pickler.save(value);
  return concatBytes([Uint8Array.of(0x80, 2), ...pickler.parts, Uint8Array.of(0x2e)]);
}

/** Items between a mark and the opcode that adds them. */
const BATCH = 1000;

class Pickler {
  readonly parts: Uint8Array[] = [];
  private memoized = 0;
  /** Places in the memo: of containers and objects by themselves, of what Python holds once by what it is. */
  private readonly places = new Map<object | string, number>();

  save(value: PickleValue): void {
    if (value === null) this.put(0x4e);
    else if (typeof value === "boolean") this.put(value ? 0x88 : 0x89);
    else if (typeof value === "string") this.saveText(value, isSingle(value));
    else if (typeof value === "bigint") this.saveLong(value);
    else if (typeof value === "number") this.saveNumber(value);
    else if (this.recall(value)) return;
    else if (isList(value)) this.saveList(value);
    else this.saveTagged(value);
  }

  private saveTagged(value: Tagged): void {
    switch (value.type) {
      case "shared":
        this.saveText(value.text, true);
        return;
      case "tuple":
        this.saveTuple(value);
        return;
      case "dict":
        this.saveDict(value);
        return;
      case "bytes":
        this.saveBytes(value);
        return;
      case "set": {
        this.saveGlobal("__builtin__", "set");
        this.save({ type: "tuple", items: [value.items] });
        this.put(0x52);
        this.memoize(value);
        return;
      }
      case "global":
        this.saveGlobal(value.module, value.name);
        return;
      case "object":
        this.saveGlobal(value.module, value.name);
        this.save(value.args);
        this.put(value.isNew === true ? 0x81 : 0x52);
        this.memoize(value);
        if (value.state === null) return;
        this.save(value.state);
        this.put(0x62);
        return;
    }
  }

  private put(...bytes: number[]): void {
    this.parts.push(Uint8Array.from(bytes));
  }

  private memoize(key: object | string | null): void {
    const place = this.memoized++;
    if (key !== null) this.places.set(key, place);
    if (place < 256) this.put(0x71, place);
    else this.put(0x72, ...littleEndian(place, 4));
  }

  private recall(key: object | string): boolean {
    const place = this.places.get(key);
    if (place === undefined) return false;
    if (place < 256) this.put(0x68, place);
    else this.put(0x6a, ...littleEndian(place, 4));
    return true;
  }

  private saveText(text: string, isShared: boolean): void {
    const key = isShared ? `text ${text}` : null;
    if (key !== null && this.recall(key)) return;
    const bytes = encodeUtf8(text);
    this.put(0x58, ...littleEndian(bytes.length, 4));
    this.parts.push(bytes);
    this.memoize(key);
  }

  private saveNumber(value: number): void {
    if (!Number.isInteger(value)) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, value, false);
      this.put(0x47, ...bytes);
    } else if (value >= 0 && value < 256) this.put(0x4b, value);
    else if (value >= 0 && value < 65536) this.put(0x4d, ...littleEndian(value, 2));
    else if (value >= -2147483648 && value <= 2147483647) {
      this.put(0x4a, ...littleEndian(value >>> 0, 4));
    } else this.saveLong(BigInt(value));
  }

  private saveLong(value: bigint): void {
    let width = 1;
    while (BigInt.asIntN(width * 8, value) !== value) width += 1;
    const bytes: number[] = [];
    for (let i = 0; i < width; i++) bytes.push(Number((value >> BigInt(8 * i)) & 255n));
    this.put(0x8a, width, ...bytes);
  }

  private saveTuple(tuple: PickleTuple): void {
    const { items } = tuple;
    if (items.length > 3) this.put(0x28);
    for (const item of items) this.save(item);
    this.put(items.length === 0 ? 0x29 : items.length > 3 ? 0x74 : 0x84 + items.length);
    if (items.length > 0) this.memoize(tuple);
  }

  private saveList(items: readonly PickleValue[]): void {
    this.put(0x5d);
    this.memoize(items);
    if (items.length === 1) {
      for (const item of items) this.save(item);
      this.put(0x61);
      return;
    }
    for (let at = 0; at < items.length; at += BATCH) {
      this.put(0x28);
      for (const item of items.slice(at, at + BATCH)) this.save(item);
      this.put(0x65);
    }
  }

  private saveDict(dict: PickleDict): void {
    const { pairs } = dict;
    this.put(0x7d);
    this.memoize(dict);
    if (pairs.length === 1) {
      this.savePairs(pairs);
      this.put(0x73);
      return;
    }
    // A last batch that is full is followed by an empty one.
    for (let at = 0; at < pairs.length || (at > 0 && at === pairs.length); at += BATCH) {
      this.put(0x28);
      this.savePairs(pairs.slice(at, at + BATCH));
      this.put(0x75);
    }
  }

  private savePairs(pairs: PickleDict["pairs"]): void {
    for (const [key, value] of pairs) {
      this.save(key);
      this.save(value);
    }
  }

  /** Python holds the empty bytes and each single byte once. */
  private saveBytes(value: PickleBytes): void {
    const { bytes } = value;
    const key = bytes.length > 1 ? value : `bytes ${toHex(bytes)}`;
    if (this.recall(key)) return;
    const isEmpty = bytes.length === 0;
    if (isEmpty) this.saveGlobal("__builtin__", "bytes");
    else this.saveGlobal("_codecs", "encode");
    const encoding: PickleShared = { type: "shared", text: "latin1" };
    this.save({ type: "tuple", items: isEmpty ? [] : [latin1(bytes), encoding] });
    this.put(0x52);
    this.memoize(key);
  }

  private saveGlobal(module: string, name: string): void {
    const key = `global ${module} ${name}`;
    if (this.recall(key)) return;
    this.put(0x63);
    this.parts.push(encodeUtf8(`${module}\n${name}\n`));
    this.memoize(key);
  }
}

/** Python holds the empty text and each single character up to U+00FF once. */
function isSingle(text: string): boolean {
  return text.length === 0 || (text.length === 1 && text.charCodeAt(0) < 256);
}

function littleEndian(value: number, width: number): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < width; i++) bytes.push((value >>> (8 * i)) & 255);
  return bytes;
}

/** Of a value in words; what is longer is cut off. A few bytes of pickle can share their way to endless text. */
const TEXT_MAX = 400;

/** A value in words, much as Python would print it. */
export function pickleText(value: PickleValue): string {
  const writer = new TextWriter();
  writer.write(value);
  return writer.text.length > TEXT_MAX ? `${writer.text.slice(0, TEXT_MAX)}...` : writer.text;
}

class TextWriter {
  text = "";

  write(value: PickleValue): void {
    if (this.text.length > TEXT_MAX) return;
    if (value === null) this.text += "None";
    else if (typeof value === "boolean") this.text += value ? "True" : "False";
    else if (typeof value === "string") this.text += JSON.stringify(value);
    else if (typeof value === "number" || typeof value === "bigint") this.text += String(value);
    else if (isList(value)) this.list("[", value, "]");
    else this.writeTagged(value);
  }

  private writeTagged(value: Tagged): void {
    switch (value.type) {
      case "shared":
        this.write(value.text);
        return;
      case "tuple":
        this.list("(", value.items, value.items.length === 1 ? ",)" : ")");
        return;
      case "set":
        this.list("{", value.items, "}");
        return;
      case "dict":
        this.pairs(value.pairs);
        return;
      case "bytes":
        this.text += `b"${toHex(value.bytes.subarray(0, TEXT_MAX))}"`;
        return;
      case "global":
        this.text += `<${value.module}.${value.name}>`;
        return;
      case "object":
        this.text += `<${value.module}.${value.name} object>`;
        return;
    }
  }

  private list(open: string, items: readonly PickleValue[], close: string): void {
    this.text += open;
    for (const [i, item] of items.entries()) {
      if (i > 0) this.text += ", ";
      this.write(item);
      if (this.text.length > TEXT_MAX) return;
    }
    this.text += close;
  }

  private pairs(pairs: readonly (readonly [PickleValue, PickleValue])[]): void {
    this.text += "{";
    for (const [i, [key, value]] of pairs.entries()) {
      if (i > 0) this.text += ", ";
      this.write(key);
      this.text += ": ";
      this.write(value);
      if (this.text.length > TEXT_MAX) return;
    }
    this.text += "}";
  }
}
