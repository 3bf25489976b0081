/**
 * Attacks as data: each goes through the real tool on a real folder made for it, and must be decided as the file says.
 * The files beside this one are the corpus; what an entry may say is `AttackCase`.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { decide } from "../../src/approvals/decide";
import { effectIn } from "../../src/approvals/mode";
import type { Mode, Rule } from "../../src/approvals/policy";
import { checkArguments } from "../../src/tools/arguments";
import { allTools } from "../../src/tools/index";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import { factsOf } from "../support/shell";
import { runContext } from "../tools/folder";

type AttackCase = {
  readonly id: string;
  /** What is tried, in words. */
  readonly attack: string;
  readonly tool: string;
  /** In texts, `{root}` is the workspace folder and `{outer}` the folder that it is in. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly mode?: Mode;
  readonly rules?: readonly Rule[];
  /** Made before, by path below `{outer}` (the workspace is `workspace`): a text, or something else in its place. */
  readonly files?: Readonly<Record<string, string | Special>>;
  /** `refuse`: the model gets an error, and nobody is asked. `fails`: nobody is asked, and running it gives an error. */
  readonly expect: "deny" | "ask" | "allow" | "refuse" | "fails";
};

type Special =
  | { readonly link: string }
  | { readonly hardLink: string }
  | { readonly fifo: true }
  /** So many bytes, all of them holes. */
  | { readonly size: number }
  | { readonly folder: true };

const FOLDER = path.join("test", "attacks");

describe("attacks", () => {
  let outer = "";
  beforeEach(() => {
    outer = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-attack-")));
    mkdirSync(path.join(outer, "workspace"));
  });
  afterEach(() => rmSync(outer, { recursive: true, force: true }));

  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".json"))) {
    describe(path.basename(file, ".json"), () => {
      for (const one of readCases(path.join(FOLDER, file))) {
        const what = JSON.stringify(one.args);
        it(`${one.id} ${one.expect}: ${one.attack}: ${one.tool} ${what.length > 100 ? `${what.slice(0, 100)}…` : what}`, async () => {
          make(outer, one.files ?? {});
          assert.equal(await outcomeOf(one, outer), one.expect);
        });
      }
    });
  }
});

function readCases(file: string): readonly AttackCase[] {
  const cases: readonly AttackCase[] = JSON.parse(readFileSync(file, "utf8"));
  return cases;
}

async function outcomeOf(one: AttackCase, outer: string): Promise<string> {
  const root = path.join(outer, "workspace");
  const workspace = createNodeWorkspace({ root, stripEnv: () => [], guardedPaths: [path.join(outer, "storage")] });
  const tool = allTools.find(({ name }) => name === one.tool);
  assert.ok(tool, `there is no tool ${one.tool}`);
  const text = JSON.stringify(one.args).replaceAll("{root}", root).replaceAll("{outer}", outer);
  const checked = checkArguments(tool.schema, text);
  if (!checked.ok) return "refuse";
  const prepared = await tool.prepare(checked.args, workspace);
  if (!prepared.ok) return "refuse";
  const policy = { rules: one.rules ?? [], mode: one.mode ?? "ask", root };
  const effect = effectIn(policy.mode, prepared.effect);
  const facts = effect.kind === "run" ? { command: await factsOf(effect.command, workspace, effect.cwd) } : {};
  const { kind } = decide({ effect, tool: tool.name, grants: [], policy, ...facts });
  if (one.expect !== "fails" || kind !== "allow") return kind;
  return (await prepared.run(runContext())).isError ? "fails" : "allow";
}

function make(outer: string, files: NonNullable<AttackCase["files"]>): void {
  for (const [name, content] of Object.entries(files)) {
    const target = path.join(outer, name);
    mkdirSync(path.dirname(target), { recursive: true });
    if (typeof content === "string") writeFileSync(target, content);
    else if ("link" in content) symlinkSync(content.link.replaceAll("{outer}", outer), target);
    else if ("hardLink" in content) linkSync(path.join(outer, content.hardLink), target);
    else if ("size" in content) {
      writeFileSync(target, "");
      truncateSync(target, content.size);
    } else if ("fifo" in content) execFileSync("mkfifo", [target]);
    else mkdirSync(target, { recursive: true });
  }
}
