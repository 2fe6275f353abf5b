import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import type { ClientOperation } from "#raft/types.ts";
import type { Command, StateMachine } from "#system/contract.ts";

// A command is an operation byte and its texts, each as a length (u32, little endian) and UTF-8. No bytes at all: no-op.

const SET = 1;
const DELETE = 2;
const SET_IF = 3;
const SET_IF_ABSENT = 4;
const ADD = 5;

/** The bytes that `decodeCommand` reads so. An opaque text must be hexadecimal. */
export function encodeCommand(command: Command): Uint8Array {
  switch (command.type) {
    case "set":
      return pack(SET, [command.key, command.value]);
    case "delete":
      return pack(DELETE, [command.key]);
    case "compare-and-set": {
      const { key, expected, value } = command;
      return expected === null
        ? pack(SET_IF_ABSENT, [key, value])
        : pack(SET_IF, [key, expected, value]);
    }
    case "increment":
      return pack(ADD, [command.key, command.by]);
    case "no-op":
      return new Uint8Array(0);
    case "opaque": {
      const bytes = fromHex(command.text);
      assert(bytes !== null, "an opaque command of this system is hexadecimal");
      return bytes;
    }
  }
}

/** Bytes of no known form are opaque: shown in hexadecimal. */
export function decodeCommand(bytes: Uint8Array): Command {
  if (bytes.length === 0) return { type: "no-op" };
  const opaque: Command = { type: "opaque", text: toHex(bytes) };
  const texts = unpack(bytes);
  if (texts === null) return opaque;
  const [first, second, third] = texts;
  if (first === undefined) return opaque;
  switch (bytes[0]) {
    case SET:
      if (texts.length !== 2 || second === undefined) return opaque;
      return { type: "set", key: first, value: second };
    case DELETE:
      if (texts.length !== 1) return opaque;
      return { type: "delete", key: first };
    case SET_IF:
      if (texts.length !== 3 || second === undefined || third === undefined) return opaque;
      return { type: "compare-and-set", key: first, expected: second, value: third };
    case SET_IF_ABSENT:
      if (texts.length !== 2 || second === undefined) return opaque;
      return { type: "compare-and-set", key: first, expected: null, value: second };
    case ADD:
      if (texts.length !== 2 || second === undefined) return opaque;
      return { type: "increment", key: first, by: second };
    default:
      return opaque;
  }
}

export const stateMachine: StateMachine = {
  encode(operation: ClientOperation): Uint8Array {
    const { type, key, value, expected } = operation;
    switch (type) {
      case "compare-and-set":
        return encodeCommand({ type, key, expected, value });
      case "increment":
        return encodeCommand({ type, key, by: value });
      default:
        return encodeCommand({ type: "set", key, value });
    }
  },
  decode: decodeCommand,
};

function pack(operation: number, texts: readonly string[]): Uint8Array {
  const parts = texts.map(encodeUtf8);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 1));
  const view = new DataView(bytes.buffer);
  bytes[0] = operation;
  let at = 1;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/** The texts after the operation byte; null unless they fill the bytes exactly. */
function unpack(bytes: Uint8Array): string[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  let at = 1;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) return null;
    const text = decodeUtf8(bytes.subarray(at + 4, end));
    if (text === null) return null;
    texts.push(text);
    at = end;
  }
  return texts;
}
