/** What the tools share: reading checked arguments, and the ends of a call. */
import type { Arguments } from "./arguments";
import type { Prepared, Resolved, ToolOutput } from "./types";

/** The workspace folder, as a path that is relative to it. */
export const ROOT = ".";

export const ROOT_IS_GONE =
  "The workspace folder does not exist any more: it was moved or deleted while this chat was open.";

/** @throws when the argument is missing or of another type: the schema was to see to that. */
export function textArgument(args: Arguments, name: string): string {
  const value = args[name];
  if (typeof value !== "string") throw new TypeError(`The argument ${name} is not a text.`);
  return value;
}

export function optionalText(args: Arguments, name: string): string | undefined {
  return args[name] === undefined ? undefined : textArgument(args, name);
}

/** @throws when the argument is there but no number. */
export function optionalNumber(args: Arguments, name: string): number | undefined {
  const value = args[name];
  if (value !== undefined && typeof value !== "number") throw new TypeError(`The argument ${name} is not a number.`);
  return value;
}

export const flag = (args: Arguments, name: string): boolean => args[name] === true;

/** @returns the texts of a list; none where it is not there. */
export function textList(args: Arguments, name: string): readonly string[] {
  const value: unknown = args[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** For `about`, where arguments may still be missing. */
export function aboutText(args: Arguments, name: string, otherwise = ""): string {
  const value = args[name];
  return typeof value === "string" && value !== "" ? value : otherwise;
}

/** A file name for the model: one with a line break or other invisible characters in it is shown as a JSON string. */
export function showName(name: string): string {
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name) ? JSON.stringify(name) : name;
}

/** For the effect of a call: a link's own name counts in rules too. */
export function asWritten({ given }: Resolved): { readonly given?: string } {
  return given === undefined ? {} : { given };
}

export function failure(text: string, summary = "error"): ToolOutput {
  return { text, isError: true, summary };
}

/**
 * An error about a path, before anything was asked. Outside the workspace even an error tells the model something about
 * what is there, so there it is asked like reading, and told only when that is allowed.
 */
export function refusal(resolved: Resolved, error: string): Prepared {
  if (resolved.inside) return { ok: false, error, tells: [resolved.path, resolved.given ?? resolved.path] };
  return {
    ok: true,
    effect: { kind: "read", path: resolved.path, inside: false, ...asWritten(resolved) },
    subject: { kind: "path", path: resolved.path, verb: "read" },
    run: async () => failure(error),
  };
}
