import * as v from "valibot";

/** What a document may not exceed, so that a hostile one costs no more than a big honest one. */
export const LIMITS = {
  machines: 9,
  servers: 9,
  /** Of all files on all machines together, decoded. */
  fileBytes: 4 * 1024 * 1024,
  filesPerMachine: 100,
  /** Of script and of narration, each. */
  actions: 5000,
  choices: 20_000,
  /** An hour of virtual time, in microseconds. */
  time: 3_600_000_000,
} as const;

export const text = (most: number) =>
  v.pipe(v.string(), v.maxLength(most, `must not be longer than ${most} characters`));

export const filled = (most: number) =>
  v.pipe(
    v.string(),
    v.minLength(1, "must not be empty"),
    v.maxLength(most, `must not be longer than ${most} characters`),
  );

export const integer = (least: number, most: number) =>
  v.pipe(
    v.number(),
    v.safeInteger("must be a whole number"),
    v.minValue(least, `must be ${least} or more`),
    v.maxValue(most, `must be ${most} or less`),
  );

export const list = <const Item extends v.GenericSchema>(item: Item, most: number) =>
  v.pipe(v.array(item), v.maxLength(most, `must not have more than ${most} items`));

export const some = <const Item extends v.GenericSchema>(item: Item, most: number) =>
  v.pipe(
    v.array(item),
    v.minLength(1, "must not be empty"),
    v.maxLength(most, `must not have more than ${most} items`),
  );

/** What the published schema says of a field to people who write documents by hand. */
export const told = <const Schema extends v.GenericSchema>(schema: Schema, words: string) =>
  v.pipe(schema, v.description(words));

/** Of machines, servers and clients: also a folder on a disk, and a part of a choice's key. */
export const name = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/,
    "must be a name: 1 to 64 letters, digits and . _ : - with a letter or digit first",
  ),
);
export const micros = integer(0, LIMITS.time);
export const whole = integer(0, Number.MAX_SAFE_INTEGER);
export const crashKind = v.picklist(["process", "os", "power"]);
