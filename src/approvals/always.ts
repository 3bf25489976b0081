/**
 * What *Always allow …* offers for a call: rules, the narrowest first, each with the words that say exactly what it would
 * match and where it is kept. Nothing is offered for what is asked each time.
 */
import type { AlwaysChoice } from "../chunks/approval-card";
import type { Effect } from "../chunks/effect";
import { assertNever } from "../chunks/rows";
import { type BoundFile, boundFiles, untilChanged } from "./bound-files";
import { isOpenPattern } from "./match-command";
import { alwaysPrefix } from "./prefix";
import { reveal } from "./reveal";
import type { CommandFacts } from "./shell/facts";

/** The terms of a rule that allows. */
export type AllowTerms = {
  readonly action: "allow";
  readonly tool?: string;
  readonly path?: string;
  readonly command?: string;
  readonly host?: string;
  /** The command is exactly this text, and no pattern. */
  readonly exact?: true;
};

export type AlwaysOffer = {
  readonly choice: AlwaysChoice;
  readonly terms: AllowTerms;
  /** Beside the log of this folder, outside of it; or the person's own settings, for every folder. */
  readonly place: "folder" | "user";
  /** Files that say what the command runs: the rule counts as long as they are what they were. */
  readonly bound: readonly BoundFile[];
};

export type AlwaysQuestion = {
  readonly effect: Effect;
  readonly tool: string;
  /** Real path of the workspace folder. */
  readonly root: string;
  readonly command?: CommandFacts;
};

export function alwaysOffers({ effect, tool, root, command }: AlwaysQuestion): readonly AlwaysOffer[] {
  switch (effect.kind) {
    case "run":
      return commandOffers(effect, root, command);
    case "write":
      return effect.inside && effect.guarded === undefined ? editOffers(effect.path, root) : [];
    case "read":
      return effect.inside ? [] : pathOffers(effect, tool);
    case "net":
      return effect.private ? [] : hostOffers(effect.host, tool);
    case "job":
    case "none":
      return [];
    default:
      return assertNever(effect);
  }
}

function commandOffers(
  effect: Extract<Effect, { kind: "run" }>,
  root: string,
  facts: CommandFacts | undefined,
): readonly AlwaysOffer[] {
  const path = effect.inside ? relativeTo(root, effect.cwd) : undefined;
  if (path === undefined || hasWildcard(path)) return [];
  const bound = boundFiles(effect.command);
  if (bound === undefined) return [];
  const folder = path === "." ? "the workspace folder" : `the folder ${shown(path)}`;
  const until = untilChanged(bound);
  const argv = singleCommand(facts);
  const isPattern = argv?.join(" ") === effect.command && !isOpenPattern(effect.command);
  const also = isPattern ? ALSO_IN_LINE : "";
  const exact: AllowTerms = { action: "allow", command: effect.command, ...(isPattern ? {} : { exact: true }) };
  const offers = [
    offerOf("this", "folder", { ...exact, path }, `Exactly this command in ${folder}.${also}${until}`, bound),
    ...(isPattern && bound.length === 0 && !argv.some((word) => RUNS_FOLDER.test(word))
      ? [offerOf("this", "user", exact, `Exactly this command in every folder that you open.${also}`)]
      : []),
  ];
  const prefix = argv === undefined ? undefined : alwaysPrefix(argv);
  if (prefix === undefined) return offers;
  const terms: AllowTerms = { action: "allow", command: `${prefix.join(" ")} *`, path };
  const words = `Commands in ${folder} that begin with these words, whatever follows, unless it names files outside or files that are asked each time.${ALSO_IN_LINE}${until}`;
  return [...offers, offerOf("all", "folder", terms, words, bound)];
}

/** What runs code or settings of the folder at hand: in another folder the same words run something else. */
const RUNS_FOLDER =
  /^(?:npx|pnpx|bunx|pnpm|yarn|bun|deno|node|tsx|ts-node|jest|vitest|mocha|playwright|eslint|prettier|python[\d.]*|pytest|tox|nox|poetry|uv|hatch|pipenv|pre-commit|lefthook|ruby|rake|bundle|rspec|rubocop|php|composer|phpunit|perl|prove|make|cmake|ctest|ninja|meson|bazel|cargo|go|zig|swift|mvn|mvnw|gradle|gradlew|sbt|lein|clj|mix|rebar3|cabal|stack|dune|dotnet|msbuild|docker|docker-compose|podman|vagrant|terraform|ansible-playbook|just|task|tilt|nix|direnv)$/;

const ALSO_IN_LINE = " Also in one line with other allowed commands.";

/** The words of a text that is one plain command. */
function singleCommand(facts: CommandFacts | undefined): readonly string[] | undefined {
  if (facts?.kind !== "known") return undefined;
  const [only, ...others] = facts.commands;
  return others.length === 0 ? only?.argv : undefined;
}

function editOffers(absolute: string, root: string): readonly AlwaysOffer[] {
  const path = relativeTo(root, absolute);
  if (path === undefined || hasWildcard(path)) return [];
  const file = offerOf("this", "folder", { action: "allow", path }, "Reading and changing exactly this file.");
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : undefined;
  if (folder === undefined) return [file];
  const words =
    "Reading, changing and creating any file in this folder and the folders in it; not those that are asked each time.";
  return [file, offerOf("all", "folder", { action: "allow", path: `${folder}/**` }, words)];
}

function pathOffers({ path, deep }: Extract<Effect, { kind: "read" }>, tool: string): readonly AlwaysOffer[] {
  if (hasWildcard(path)) return [];
  const terms: AllowTerms = { action: "allow", tool, path: deep === true ? `${path.replace(/[/\\]$/, "")}/**` : path };
  const what = deep === true ? "this folder and whatever is in it" : "exactly this path";
  return [
    offerOf("this", "folder", terms, `${tool} of ${what}, from this folder.`),
    offerOf("this", "user", terms, `${tool} of ${what}, from every folder that you open.`),
  ];
}

function hostOffers(host: string, tool: string): readonly AlwaysOffer[] {
  const terms: AllowTerms = { action: "allow", tool, host };
  return [
    offerOf("this", "folder", terms, `${tool} at exactly this host, from this folder.`),
    offerOf("this", "user", terms, `${tool} at exactly this host, from every folder that you open.`),
  ];
}

const PLACES = {
  folder: "Saved for this folder, beside its chats, not in the folder itself.",
  user: "Saved in your user settings, as a rule of dispatch.permissions.",
} as const;

function offerOf(
  what: "this" | "all",
  place: AlwaysOffer["place"],
  terms: AllowTerms,
  words: string,
  bound: readonly BoundFile[] = [],
): AlwaysOffer {
  const matches = shown(terms.command ?? terms.path ?? terms.host ?? "");
  return { choice: { id: `${what}-${place}`, matches, words, place: PLACES[place] }, terms, place, bound };
}

/** @returns undefined when it is not within the folder. */
function relativeTo(root: string, absolute: string): string | undefined {
  const [folder, path] = [root, absolute].map((one) => one.replaceAll("\\", "/").replace(/\/$/, ""));
  if (folder === undefined || path === undefined) return undefined;
  if (path === folder) return ".";
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** A name that would be read as a glob. */
function hasWildcard(path: string): boolean {
  return /[*?]/.test(path);
}

function shown(text: string): string {
  return reveal(text).text;
}
