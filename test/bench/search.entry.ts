/** The tools that go through a large repository, beside ripgrep by itself, which prints the same to a pipe. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import { findRipgrep } from "../../src/tools/ripgrep-place";
import type { Workspace } from "../../src/tools/types";
import { call } from "../tools/folder";
import type { Figure } from "./figures";

const FOLDERS = 200;
const FILES = 100;
const RUNS = 9;

type Case = {
  readonly what: string;
  readonly plain: readonly string[];
  readonly tool: "search" | "find_files";
  readonly args: unknown;
};

const cases: readonly Case[] = [
  { what: "a rare word", plain: ["-n", "needle"], tool: "search", args: { pattern: "needle" } },
  { what: "a word in every file", plain: ["-n", "value of"], tool: "search", args: { pattern: "value of" } },
  { what: "files by name", plain: ["--files", "-g", "*7.ts"], tool: "find_files", args: { globs: ["*7.ts"] } },
];

export async function bench(): Promise<readonly Figure[]> {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "dispatch-search-")));
  try {
    makeRepository(root);
    const program = findRipgrep([], process.env.PATH) ?? "";
    const workspace = createNodeWorkspace({ root, stripEnv: () => [] });
    const figures: Figure[] = [];
    for (const one of cases) figures.push(...(await compare(one, program, workspace)));
    return [...figures, await memory(workspace)];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** 20,000 files of about 1.5 KB, a tenth of them ignored; a dozen hold the rare word. */
function makeRepository(root: string): void {
  mkdirSync(path.join(root, ".git"));
  writeFileSync(path.join(root, ".gitignore"), "out*/\n");
  for (let folder = 0; folder < FOLDERS; folder++) {
    const name = path.join(root, folder % 10 === 0 ? `out${folder}` : `src/part${folder % 7}/f${folder}`);
    mkdirSync(name, { recursive: true });
    for (let file = 0; file < FILES; file++) {
      const lines = Array.from(
        { length: 24 },
        (_, line) => `const item${line} = compute(${folder * file + line}, "some text");`,
      );
      if (file === 50 && folder % 15 === 1) lines.push("// needle");
      writeFileSync(path.join(name, `file${file}.ts`), `${lines.join("\n")}\n// the value of ${file}\n`);
    }
  }
}

async function compare(one: Case, program: string, workspace: Workspace): Promise<readonly Figure[]> {
  const plain: number[] = [];
  const own: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const first = timed(
      () =>
        void spawnSync(program, ["--no-config", "--hidden", ...one.plain, "./"], {
          cwd: workspace.root,
          maxBuffer: 1e9,
        }),
    );
    const startedAt = performance.now();
    const output = await call(workspace, one.tool, one.args);
    if (output.isError) throw new Error(output.text);
    if (run === 0) continue; // the disk's cache is cold
    plain.push(first);
    own.push(performance.now() - startedAt);
  }
  const ratio = median(own) / median(plain);
  return [
    {
      name: `${one.tool} in 20,000 files: ${one.what}`,
      value: median(own),
      unit: "ms",
      spread: [Math.min(...own), Math.max(...own)],
    },
    {
      name: `${one.tool} in 20,000 files: ${one.what}, beside ripgrep`,
      value: ratio,
      unit: "ratio",
      note: `ripgrep alone: ${median(plain).toFixed(0)} ms`,
    },
  ];
}

/** What a search adds to the heap while it runs, of which 468,000 lines match. */
async function memory(workspace: Workspace): Promise<Figure> {
  global.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 2);
  await call(workspace, "search", { pattern: ".", offset: 19_000, limit: 1_000 });
  clearInterval(timer);
  return {
    name: "memory of a search that matches every line",
    value: Math.max(most, process.memoryUsage().rss) - before,
    unit: "bytes",
    note: "aim: under 200,000,000",
  };
}

function timed(run: () => void): number {
  const startedAt = performance.now();
  run();
  return performance.now() - startedAt;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
