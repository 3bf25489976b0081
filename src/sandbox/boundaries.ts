/** Where a command in the sandbox may not look, and what it may not change although it is in the workspace. */
import type { Dirent } from "node:fs";
import { lstat, readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { Withheld } from "../tools/types";

/** Below the home folder: credentials of programs, of the system and of browsers. */
const SECRETS = [
  ...[".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".oci", ".password-store", ".vault-token"],
  ...[".netrc", "_netrc", ".npmrc", ".yarnrc.yml", ".pypirc", ".git-credentials", ".pgpass", ".my.cnf", ".databricks"],
  ...[
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".m2/settings.xml",
    ".gradle/gradle.properties",
  ],
  ...[".config/gcloud", ".config/gh", ".config/glab-cli", ".config/git/credentials", ".config/hub", ".config/op"],
  ...[".config/google-chrome", ".config/chromium", ".config/BraveSoftware", ".config/microsoft-edge", ".mozilla"],
  ...[".local/share/keyrings", ".local/share/kwalletd", ".terraform.d/credentials.tfrc.json", ".config/rclone"],
  ...["Library/Keychains", "Library/Application Support/Google/Chrome", "Library/Application Support/Firefox"],
  ...["Library/Cookies", "Library/Safari"],
];

/** Those that are there. @param own more of them, absolute. */
export async function unreadable(own: readonly string[]): Promise<readonly string[]> {
  const all = [...SECRETS.map((name) => path.join(homedir(), name)), ...own];
  const there = await Promise.all(all.map((one) => stat(one).then(Boolean, () => false)));
  return all.filter((_, at) => there[at]);
}

/** What makes programs run by themselves: editors, git, agents, and the tools that editors start when files change. */
const GUARDED_FOLDERS = new Set([
  ...[".git", ".hg", ".svn", ".jj", ".bzr", ".github", ".husky", ".githooks", ".git-hooks"],
  ...[".vscode", ".idea", ".devcontainer", ".zed", ".fleet", ".vs", ".codesandbox"],
  ...[".claude", ".cursor", ".codex", ".dispatch", ".roo", ".continue", ".clinerules", ".windsurf", ".gemini", ".kiro"],
  ...[".opencode", ".amazonq", ".junie", ".agents", ".copilot", ".trae", ".augment", ".factory", ".qwen", ".qoder"],
  ...[".kilocode", ".goose", ".crush", ".amp", ".openhands"],
]);
const GUARDED_FILES = new RegExp(
  [
    String.raw`^(?:\.mcp|\.devcontainer|opencode|\.?crush)\.jsonc?$`,
    String.raw`^(?:\.envrc|\.gitmodules|\.ripgreprc|\.exrc|\.nvimrc|\.nvim\.lua|\.dir-locals\.el|\.clangd)$`,
    String.raw`^(?:agents?|agents\.override|claude|claude\.local|gemini|qwen|warp)\.md$`,
    String.raw`^(?:\.cursorrules|\.windsurfrules|\.goosehints|\.rules|\.roorules.*|\.aider.*)$`,
    String.raw`\.code-workspace$`,
    String.raw`^\.eslintrc|^(?:eslint|prettier|stylelint)\.config\.|^\.prettierrc\.[cm]?[jt]s$`,
    String.raw`^(?:\.rubocop\.yml|\.php-cs-fixer(?:\.dist)?\.php|\.formatter\.exs)$`,
  ].join("|"),
  "i",
);

/** Folders are looked into up to this depth, and so many of them: a scan before each command must be quick. */
const DEPTH = 4;
const MOST_FOLDERS = 3_000;
const PASSED_OVER = new Set(["node_modules", ".venv", "venv", "target", "dist", "build", "out"]);

/**
 * What is there of it in the workspace; of the folder itself also a `.vscode` and a `.git` that are not there yet, since VS Code
 * reads them at once. The rest can only be protected where it is. Of a repository all of it: not only its hooks and its
 * configuration make git run programs, a file `commondir` beside them names other ones.
 */
export async function unwritable(root: string): Promise<readonly string[]> {
  const found = [path.join(root, ".vscode", "settings.json"), path.join(root, ".git", "config")];
  let level = [root];
  let looked = 0;
  for (let depth = 0; depth < DEPTH && level.length > 0 && looked < MOST_FOLDERS; depth++) {
    const lists = await Promise.all(level.slice(0, MOST_FOLDERS - looked).map(entriesOf));
    looked += lists.length;
    const next: string[] = [];
    for (const { folder, entries } of lists) {
      for (const entry of entries) {
        const full = path.join(folder, entry.name);
        if (entry.name === ".git" && entry.isFile()) found.push(...(await gitFolders(full)));
        if (isGuarded(entry)) found.push(full);
        else if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) next.push(full);
      }
    }
    level = next;
  }
  return found;
}

/**
 * What the editor and git read at once, but a link in the workspace leads to it: who can write beside the link, or beside
 * what it leads to, puts something else there. A mount keeps a place from being written, not from being another one.
 * @returns such a path below the root; undefined where there is none.
 */
export async function unprotectable(root: string): Promise<string | undefined> {
  const isWithin = (file: string): boolean => file.startsWith(`${root}${path.sep}`);
  const own = [path.join(root, ".vscode"), path.join(root, ".git")];
  const isKept = (file: string): boolean => own.some((one) => file === one || file.startsWith(one + path.sep));
  for (const one of own)
    if ((await lstat(one).catch(() => undefined))?.isSymbolicLink()) return path.relative(root, one);
  const places = [...own, ...["hooks", "info", "objects/info"].map((name) => path.join(root, ".git", name))];
  for (const place of places) {
    for (const entry of await entriesOf(place).then(({ entries }) => entries)) {
      const full = path.join(place, entry.name);
      // The same file under another name: an archive can bring one.
      if (entry.isFile() && ((await lstat(full).catch(() => undefined))?.nlink ?? 1) > 1)
        return path.relative(root, full);
      if (!entry.isSymbolicLink()) continue;
      // Of one that leads to nothing yet, where it would.
      const target = await realpath(full).catch(async () => path.resolve(place, await readlink(full).catch(() => ".")));
      if (isWithin(target) && !isKept(target)) return path.relative(root, full);
    }
  }
  const elsewhere = (await gitFolders(path.join(root, ".git"))).some((folder) => isWithin(folder) && !isKept(folder));
  return elsewhere ? ".git" : undefined;
}

/** Where a `.git` that is a file says that the repository is, and what that has in common with others: of those that are there. */
async function gitFolders(file: string): Promise<readonly string[]> {
  const named = async (from: string, pattern: RegExp): Promise<string | undefined> => {
    const [, target] = pattern.exec(await readFile(from, "utf8").catch(() => "")) ?? [];
    const folder = target === undefined ? undefined : path.resolve(path.dirname(from), target);
    return folder !== undefined && (await stat(folder).catch(() => undefined))?.isDirectory() ? folder : undefined;
  };
  const own = await named(file, /^gitdir: (.+)\n?$/);
  const common = own === undefined ? undefined : await named(path.join(own, "commondir"), /^(.+)\n?$/);
  return [own, common].filter((folder) => folder !== undefined);
}

/** Entries that are looked at for what rules withhold, and those that are kept away: more can't be held apart quickly. */
const MOST_ENTRIES = 50_000;
const MOST_WITHHELD = 500;

/**
 * What is there of what rules withhold. Not below folders of installed packages and of what was built.
 * @returns undefined where it is too much to look through or to keep away.
 */
export async function withheldIn(root: string, { has, outside }: Withheld): Promise<readonly string[] | undefined> {
  const there = await Promise.all(outside.map((one) => stat(one).then(Boolean, () => false)));
  const found = outside.filter((_, at) => there[at]);
  const level = [root];
  let looked = 0;
  while (level.length > 0) {
    const lists = await Promise.all(level.splice(0, 64).map(entriesOf));
    for (const { folder, entries } of lists) {
      looked += entries.length;
      for (const entry of entries) {
        const full = path.join(folder, entry.name);
        if (has(full)) found.push(full);
        else if (entry.isDirectory() && !PASSED_OVER.has(entry.name) && entry.name !== ".git") level.push(full);
      }
    }
    if (looked > MOST_ENTRIES || found.length > MOST_WITHHELD) return undefined;
  }
  return found;
}

async function entriesOf(folder: string): Promise<{ readonly folder: string; readonly entries: readonly Dirent[] }> {
  return { folder, entries: await readdir(folder, { withFileTypes: true }).catch(() => []) };
}

function isGuarded(entry: Dirent): boolean {
  return GUARDED_FOLDERS.has(entry.name.toLowerCase()) || GUARDED_FILES.test(entry.name);
}
