/**
 * What Dispatch adds to the start of VS Code: its activation in a real extension host, beside that of an extension that
 * does nothing, in the same host. The production build, several fresh hosts.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { inExtensionHost } from "../../scripts/host-suite.mjs";
import { ensureBrowser, ensureEditor } from "../../scripts/setup.mjs";
import type { Figure } from "./figures";
import type { Activation } from "./host/activation.entry";

const hosts = 5;

export async function bench(): Promise<readonly Figure[]> {
  const machine = { editor: await ensureEditor(), browser: await ensureBrowser() };
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-activation-"));
  try {
    const extension = stageDispatch(folder);
    const vsix = [packEmpty(folder, "empty"), packEmpty(folder, "empty-too")];
    const runs: Activation[] = [];
    for (let run = 0; run < hosts; run += 1) {
      const workspace = path.join(folder, `workspace-${run}`);
      const result = path.join(folder, `result-${run}.json`);
      mkdirSync(workspace);
      await inExtensionHost({
        ...machine,
        dataFolder: path.join(folder, `data-${run}`),
        workspace,
        extension,
        vsix,
        tests: "dist-test/bench/host/activation.entry.js",
        env: { DISPATCH_BENCH_RESULT: result },
        limit: 120_000,
      });
      const outcome = JSON.parse(readFileSync(result, "utf8"));
      if (outcome.error !== undefined) throw new Error(outcome.error);
      runs.push(outcome);
    }
    return figures(runs);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function figures(runs: readonly Activation[]): Figure[] {
  const over = (pick: (run: Activation) => number) => summary(runs.map(pick));
  return [
    { name: "activation of Dispatch", unit: "ms", ...over((run) => run.dispatch), note: "loads the code and returns" },
    {
      name: "activation: Dispatch to an empty extension",
      unit: "ratio",
      ...over((run) => run.dispatch / run.empty),
      note: "in the same extension host",
    },
    {
      name: "from activation to an open log",
      unit: "ms",
      ...over((run) => run.ready),
      note: "in the background; the first start of a workspace, so the log is created",
    },
  ];
}

/** The production build, which is activated by the benchmark alone. */
function stageDispatch(folder: string): string {
  const stage = path.join(folder, "dispatch");
  mkdirSync(stage);
  execFileSync(process.execPath, ["esbuild.mjs", "--production", `--out=${path.join(stage, "dist")}`]);
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  writeFileSync(path.join(stage, "package.json"), JSON.stringify({ ...manifest, activationEvents: [] }));
  return stage;
}

/** An extension whose activation does nothing, as a package. */
function packEmpty(folder: string, name: string): string {
  const stage = path.join(folder, name);
  const file = `${stage}.vsix`;
  mkdirSync(stage);
  const described = { name, publisher: "dispatch", version: "0.0.1", engines: { vscode: "^1.105.0" } };
  const manifest = { ...described, main: "./main.js", activationEvents: ["onCommand:dispatch.none"] };
  writeFileSync(path.join(stage, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(stage, "main.js"), "exports.activate = () => {};\n");
  const vsce = path.resolve("node_modules", "@vscode", "vsce", "vsce");
  const flags = ["--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", file];
  execFileSync(process.execPath, [vsce, "package", ...flags], { cwd: stage, stdio: "pipe" });
  return file;
}

function summary(values: readonly number[]): { value: number; spread: readonly [number, number] } {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return { value: at(Math.floor(sorted.length / 2)), spread: [at(0), at(sorted.length - 1)] };
}
