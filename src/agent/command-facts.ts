/**
 * What is known of a command before it is decided: read by the grammar, judged by the table, its paths looked up on disk.
 * What can't be told for certain is unknown, and then asked.
 */
import type { CommandFacts, CommandPath, SimpleCommand } from "../approvals/shell/facts";
import { type Folders, foldersAfter, foldersFor, joinPath } from "../approvals/shell/folders";
import { judgeCommand } from "../approvals/shell/judge";
import type { ShellParser } from "../approvals/shell/parser";
import type { Judged, PathUse } from "../approvals/shell/programs/program";
import type { SimpleCommand as Parsed, Pipeline } from "../approvals/shell/script";
import type { Effect } from "../chunks/effect";
import type { ShellInfo, Workspace } from "../tools/types";
import { gitDoubt } from "./git-check";
import { lookBelow, pathsFor } from "./name-patterns";

export type Run = Extract<Effect, { kind: "run" }>;

/** Folders that a command may run in, and paths of one command, that are looked at; more is not certain. */
const MAX_FOLDERS = 8;
const MAX_PATHS = 500;

type World = {
  readonly workspace: Workspace;
  readonly shell: ShellInfo;
  readonly signal: AbortSignal;
};

/** Ends the look at a command of which something can't be told. Stays within this file. */
class Unknown extends Error {}

/**
 * @param parser undefined where it could not be loaded.
 * Never rejects: a fault is unknown.
 */
export async function commandFacts(
  { command, cwd }: Run,
  workspace: Workspace,
  parser: ShellParser | undefined,
  signal: AbortSignal,
): Promise<CommandFacts> {
  const shell = workspace.shell();
  if (shell.language !== "bash") return unknown(`the shell is not bash but ${shell.language}`);
  if (parser === undefined) return unknown("the shell parser could not be loaded");
  const script = parser(command);
  if (script.kind === "unclear") return unknown(script.why);
  try {
    return await factsOf(script.pipelines, cwd, { workspace, shell, signal });
  } catch (error) {
    return unknown(error instanceof Unknown ? error.message : "it could not be looked at");
  }
}

async function factsOf(pipelines: readonly Pipeline[], cwd: string, world: World): Promise<CommandFacts> {
  let folders: Folders = { ok: [cwd], failed: [] };
  const commands: SimpleCommand[] = [];
  const paths: CommandPath[] = [];
  for (const pipeline of pipelines) {
    const began = foldersFor(pipeline.after, folders);
    if (began.length > MAX_FOLDERS) throw new Unknown("too many folders that it may run in");
    let moved: readonly string[] | undefined;
    for (const parsed of pipeline.commands) {
      const looked = await look(parsed, began, world);
      commands.push(looked.command);
      paths.push(...looked.paths);
      if (pipeline.commands.length === 1) moved = looked.moved;
    }
    folders = foldersAfter(pipeline, folders, began, moved);
  }
  return { kind: "known", commands, paths };
}

type Looked = {
  readonly command: SimpleCommand;
  readonly paths: readonly CommandPath[];
  readonly moved?: readonly string[];
};

async function look(parsed: Parsed, folders: readonly string[], world: World): Promise<Looked> {
  const argv = parsed.words.map(({ value }) => value);
  const { judged, program } = judgeCommand(parsed);
  const name = argv[0] ?? "";
  const doubt = judged.reads
    ? (world.shell.doubt(name, program === undefined) ?? (await doubtOfGit(judged, folders, world)))
    : judged.why;
  if (!judged.reads || doubt !== undefined) {
    if (name === "cd") throw new Unknown(doubt ?? "where cd leads is not certain");
    return { command: { argv, reads: false, words: doubt ?? "" }, paths: await pathsOfOther(parsed, folders, world) };
  }
  const bases = judged.git?.folder === undefined ? folders : await foldersIn(folders, judged.git.folder, world);
  const paths: CommandPath[] = [];
  for (const folder of bases) {
    for (const path of judged.paths) paths.push(...(await lookUp(path, folder, world)));
    if (paths.length > MAX_PATHS) throw new Unknown("more paths than are looked at");
    // Without a path most programs read the folder that they run in.
    paths.push(await resolved(world, ".", folder));
  }
  const deep = judged.deep === true ? { deep: true as const } : {};
  const command: SimpleCommand = { argv, reads: true, words: `${name} only reads`, ...deep };
  if (judged.cd === undefined) return { command, paths };
  return { command, paths, moved: await foldersIn(folders, judged.cd, world) };
}

async function doubtOfGit(
  judged: Judged & { reads: true },
  folders: readonly string[],
  world: World,
): Promise<string | undefined> {
  if (judged.git === undefined) return undefined;
  const places = judged.git.folder === undefined ? folders : await foldersIn(folders, judged.git.folder, world);
  for (const place of places) {
    const resolution = await world.workspace.resolve(place);
    if ("error" in resolution || !resolution.inside) return "git would work outside the workspace";
    const doubt = await gitDoubt(world.workspace, place, judged.git.looksAtFiles, world.signal);
    if (doubt !== undefined) return doubt;
  }
  return undefined;
}

/** Where `cd` or `git -C` leads from each of the folders. Through a link, `..` would lead elsewhere than the path says. */
async function foldersIn(
  folders: readonly string[],
  to: { readonly value: string },
  { workspace }: World,
): Promise<readonly string[]> {
  const found = folders.map(async (folder) => {
    const path = joinPath(folder, to.value);
    const resolution = path === undefined ? undefined : await workspace.resolve(path);
    if (path === undefined || resolution === undefined || "error" in resolution || resolution.path !== path) {
      throw new Unknown(`where ${to.value} leads is not certain`);
    }
    return path;
  });
  return Promise.all(found);
}

async function lookUp(use: PathUse, folder: string, world: World): Promise<readonly CommandPath[]> {
  const texts = use.glob === undefined ? [use.value] : await pathsFor(world.workspace, folder, use.glob);
  if (texts === undefined || texts.length > MAX_PATHS) {
    throw new Unknown(`which names ${use.value} stands for is not certain`);
  }
  const found: CommandPath[] = [];
  for (const text of texts) {
    const path = await resolved(world, text, folder);
    const plain: CommandPath = { given: path.given, path: path.path, inside: path.inside };
    const below = use.follows === true && path.inside ? await lookBelow(world.workspace, path.path) : undefined;
    const isSpecial = text !== "/dev/null" && (await world.workspace.look(path.path)) === "other";
    const special = isSpecial || below?.hasSpecial === true ? { special: true as const } : {};
    const known = below?.leadsOut === true ? { ...path, inside: false } : use.revision === true ? plain : path;
    found.push({ ...known, ...special });
  }
  return found;
}

async function resolved({ workspace }: World, text: string, folder: string): Promise<CommandPath> {
  const outside = { given: text, path: text, inside: false };
  if (text === "/dev/null") return { ...outside, inside: true };
  const path = joinPath(folder, text);
  if (path === undefined || text === "") return outside;
  const resolution = await workspace.resolve(path);
  if ("error" in resolution) return outside;
  const { guarded, inside } = resolution;
  return { given: text, path: resolution.path, inside, ...(guarded === undefined ? {} : { guarded }) };
}

/** Of a command that may do more than read: every word that can be a path, for the rules that people write. */
async function pathsOfOther(
  { words, inputs }: Parsed,
  folders: readonly string[],
  world: World,
): Promise<readonly CommandPath[]> {
  const unclear = words.find(({ glob, varies }) => glob !== undefined || varies === true);
  if (unclear !== undefined) throw new Unknown(`which words ${unclear.value} stands for is not certain`);
  const texts = [...words.slice(1), ...inputs].flatMap(({ value }) => pathsWithin(value));
  if (texts.length * folders.length > MAX_PATHS) throw new Unknown("more paths than are looked at");
  return Promise.all(folders.flatMap((folder) => texts.map((text) => resolved(world, text, folder))));
}

/** `--file=x`, `if=x` and `-ox` name x, `a:x` may name a and x; an option without a path names none. */
function pathsWithin(word: string): readonly string[] {
  const value = /^[\w-]+=(.+)$/s.exec(word)?.[1] ?? /^-\w(.+)$/s.exec(word)?.[1] ?? word;
  if (value.startsWith("-") || value === "") return [];
  return [value, ...value.split(/[=:,@]/).slice(1)].filter((path) => path !== "");
}

/** @param why a clause without a full stop. */
function unknown(why: string): CommandFacts {
  return { kind: "unknown", why: `Not known to only read: ${why}.` };
}
