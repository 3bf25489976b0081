/** Small parts of the settings' checks. Each says in one sentence which setting is wrong, what is there and what to write. */

/** Carries the sentence from the place where it is found to `parseSettings`, which catches it. */
export class Wrong extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

export function nonEmptyList(place: string, value: unknown, example: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Wrong(`${place} ${found(value)}; write a list such as [${example}].`);
  if (value.length === 0) throw new Wrong(`${place} is an empty list; write at least one entry, such as [${example}].`);
  return value;
}

export function objectOf(value: unknown, place: string, known: readonly string[]): Fields {
  if (!isFields(value)) throw new Wrong(`${place} ${found(value)}; write an object with ${listOf(known, "and")}.`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined && /key$|secret|token/i.test(unknown)) {
    throw new Wrong(
      `${place} has a property "${clip(unknown)}"; leave it out: a key is set with Dispatch: Set API Key.`,
    );
  }
  if (unknown !== undefined) {
    throw new Wrong(`${place} has an unknown property "${clip(unknown)}"; it may have ${listOf(known, "and")}.`);
  }
  return value;
}

export function text(fields: Fields, place: string, name: string, pattern: RegExp, what: string): string {
  const value = fields[name];
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new Wrong(`${place}.${name} ${found(value)}; write ${what}.`);
}

/** @throws Wrong, naming all that may stand there. */
export function oneOf<T extends string>(value: unknown, place: string, known: readonly T[]): T {
  const one = known.find((name) => name === value);
  if (one !== undefined) return one;
  throw new Wrong(`${place} ${found(value)}; write ${listOf(known.map((name) => `"${name}"`))}.`);
}

export function wholeNumber(place: string, value: unknown, whenAbsent: number, most: number, least = 1): number {
  if (value === undefined) return whenAbsent;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Wrong(`${place} ${found(value)}; write a whole number from ${least} to ${most}, such as ${whenAbsent}.`);
}

export function flag(place: string, value: unknown, whenAbsent: boolean): boolean {
  if (value === undefined) return whenAbsent;
  if (typeof value === "boolean") return value;
  throw new Wrong(`${place} ${found(value)}; write true or false.`);
}

/** What is there instead, as the predicate of a sentence. Values are clipped: somebody may have pasted a key. */
export function found(value: unknown): string {
  if (value === undefined) return "is missing";
  if (value === null) return "is null";
  if (value === "") return "is empty";
  if (typeof value === "string") return `is "${clip(value)}"`;
  if (typeof value === "number" || typeof value === "boolean") return `is ${value}`;
  return Array.isArray(value) ? "is a list" : "is an object";
}

function clip(value: string): string {
  return value.length <= 40 ? value : `${value.slice(0, 12)}…`;
}

export function listOf(names: readonly string[], joint: "or" | "and" = "or"): string {
  const last = names[names.length - 1] ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} ${joint} ${last}`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
