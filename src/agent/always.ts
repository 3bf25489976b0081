/** Rules that *Always allow …* has made: kept in the log's table of settings, one each, bound to the files that say what they run. */
import type { AlwaysOffer } from "../approvals/always";
import type { Binding, BoundFile } from "../approvals/bound-files";
import type { Grant } from "../approvals/grants";
import { type Rule, ruleWords } from "../approvals/policy";
import type { Op, Store } from "../store/types";
import type { Workspace } from "../tools/types";
import { sha256 } from "./hash";

/** An offer whose files were read: it can be saved as it is. */
export type ReadyOffer = { readonly offer: AlwaysOffer; readonly bound: readonly Binding[] };

/** Those that can be kept here, with what their files are now. One whose files can't be read is left out. */
export async function readyOffers(
  offers: readonly AlwaysOffer[],
  { cwd, workspace, canSaveForUser }: { cwd: string; workspace: Workspace | undefined; canSaveForUser: boolean },
): Promise<readonly ReadyOffer[]> {
  const ready = offers.map(async (offer): Promise<readonly ReadyOffer[]> => {
    if (offer.place === "user" && !canSaveForUser) return [];
    const files = await bind(offer.bound, cwd, workspace);
    const bound = files.filter(({ sha256 }) => sha256 !== NOT_THERE && sha256 !== UNREADABLE);
    return bound.length === files.length ? [{ offer, bound }] : [];
  });
  return (await Promise.all(ready)).flat();
}

/** Without those whose files are not what they were. */
export async function holding<T extends { readonly bound?: readonly Binding[] }>(
  all: readonly T[],
  workspace: Workspace | undefined,
): Promise<readonly T[]> {
  const checked = all.map(async (one) => {
    const holds = (one.bound ?? []).map(
      async (file) => workspace !== undefined && (await contentHash(workspace, file)) === file.sha256,
    );
    return (await Promise.all(holds)).every(Boolean) ? [one] : [];
  });
  return (await Promise.all(checked)).flat();
}

/** What an answer for this tab allows, with what its files are now. It never counts again for one that can't be read. */
export async function boundGrant(grant: Grant, workspace: Workspace | undefined): Promise<Grant> {
  if (grant.kind !== "command" || grant.files.length === 0) return grant;
  return { ...grant, bound: await bind(grant.files, grant.cwd, workspace) };
}

function bind(files: readonly BoundFile[], cwd: string, workspace: Workspace | undefined): Promise<readonly Binding[]> {
  return Promise.all(
    files.map(async (file) => {
      const hash = workspace && (await contentHash(workspace, { cwd, ...file }));
      return { cwd, ...file, sha256: hash ?? UNREADABLE };
    }),
  );
}

/** In the place of a hash. A file that is missing can stay missing; of one that can't be read nobody knows. */
const NOT_THERE = "not there";
const UNREADABLE = "unreadable";

const PREFIX = "rule:";

/** @returns what writes the rule into the log, durable with whatever is written in the same record. */
export function saveOp({ offer, bound }: ReadyOffer, createdAt: number): Op {
  const terms = { ...offer.terms, ...(bound.length === 0 ? {} : { bound }) };
  return { op: "setting", key: keyOf(ruleWords(terms)), value: JSON.stringify({ ...terms, createdAt }) };
}

/** @param words of the rule. */
export function removeOp(words: string): Op {
  return { op: "setting", key: keyOf(words), value: "" };
}

/** Read at each call: another window may have made or removed one. What can't be read allows nothing. */
export async function alwaysRules(store: Pick<Store, "settings">): Promise<readonly Rule[]> {
  const settings = await store.settings();
  return Object.entries(settings).flatMap(([key, value]) => (key.startsWith(PREFIX) ? (ruleFrom(value) ?? []) : []));
}

function keyOf(words: string): string {
  return PREFIX + sha256(words);
}

function ruleFrom(value: string): Rule | undefined {
  if (value === "") return undefined;
  const stored = parse(value);
  if (typeof stored !== "object" || stored === null) return undefined;
  const { action, tool, path, command, host, exact, bound } = { ...emptyStored, ...stored };
  const texts = { tool, path, command, host };
  const areTexts = Object.values(texts).every((text) => text === undefined || typeof text === "string");
  if (action !== "allow" || !areTexts || !(bound === undefined || isBound(bound))) return undefined;
  const terms = {
    action: "allow",
    ...(typeof tool === "string" ? { tool } : {}),
    ...(typeof path === "string" ? { path } : {}),
    ...(typeof command === "string" ? { command } : {}),
    ...(typeof host === "string" ? { host } : {}),
    ...(exact === true ? { exact: true as const } : {}),
    ...(bound === undefined ? {} : { bound }),
  } as const;
  return { ...terms, source: "always", id: `always: ${ruleWords(terms)}` };
}

type Stored = Readonly<Record<"action" | "tool" | "path" | "command" | "host" | "exact" | "bound", unknown>>;

const emptyStored: Stored = {
  action: undefined,
  tool: undefined,
  path: undefined,
  command: undefined,
  host: undefined,
  exact: undefined,
  bound: undefined,
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isBound(value: unknown): value is readonly Binding[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one: unknown) =>
        typeof one === "object" &&
        one !== null &&
        "cwd" in one &&
        typeof one.cwd === "string" &&
        "file" in one &&
        typeof one.file === "string" &&
        "part" in one &&
        (one.part === "whole" || one.part === "scripts") &&
        "sha256" in one &&
        typeof one.sha256 === "string",
    )
  );
}

/** Of which file it is, and of its content, or `NOT_THERE`; nothing when it can't be read, or is changed in an editor only. */
async function contentHash(
  workspace: Workspace,
  { cwd, file, part }: Omit<Binding, "sha256">,
): Promise<string | undefined> {
  const folders = part === "scripts" ? upwards(cwd, workspace.root) : [cwd];
  for (const folder of folders) {
    const resolved = await workspace.resolve(isAbsolute(file) ? file : `${folder}/${file}`);
    if ("error" in resolved) return undefined;
    const read = await workspace.read(resolved.path);
    if (read.kind === "missing") continue;
    if (read.kind !== "text" || read.unsaved === true) return undefined;
    return sha256(JSON.stringify([resolved.path, part === "scripts" ? scriptsOf(read.text) : read.text]));
  }
  return NOT_THERE;
}

function isAbsolute(file: string): boolean {
  return /^(?:[/\\]|[a-z]:)/i.test(file);
}

/** The folder and those that it is in, up to the workspace folder: the nearest package.json counts. */
function upwards(cwd: string, root: string): readonly string[] {
  const folders = [cwd];
  for (let at = cwd; at !== root && at.startsWith(root); ) {
    at = at.replace(/[/\\][^/\\]*$/, "");
    folders.push(at);
  }
  return folders;
}

function scriptsOf(text: string): unknown {
  const manifest = parse(text);
  return typeof manifest === "object" && manifest !== null && "scripts" in manifest ? manifest.scripts : text;
}
