/**
 * Attacks as data: each call goes through the real tool on a real folder made for it, and must be decided as the file
 * says. What an entry may say is `CallCase`.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { alwaysRules, holding, readyOffers, saveOp } from "../../src/agent/always";
import { describeCall } from "../../src/approvals/card";
import { decide, type Verdict } from "../../src/approvals/decide";
import { effectIn } from "../../src/approvals/mode";
import type { Rule } from "../../src/approvals/policy";
import { checkArguments } from "../../src/tools/arguments";
import { allTools } from "../../src/tools/index";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import type { Prepared, Workspace } from "../../src/tools/types";
import { factsOf } from "../support/shell";
import { runContext } from "../tools/folder";
import { type CallCase, corpus, put } from "./cases";

describe("attacks", () => {
  let outer = "";
  beforeEach(() => {
    outer = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-attack-")));
    mkdirSync(path.join(outer, "workspace"));
  });
  afterEach(() => rmSync(outer, { recursive: true, force: true }));

  for (const { name, cases } of corpus()) {
    const calls = cases.filter((one) => "args" in one);
    if (calls.length === 0) continue;
    describe(name, () => {
      for (const one of calls) {
        const what = JSON.stringify(one.args);
        it(`${one.id} ${one.expect}: ${one.attack}: ${one.tool} ${what.length > 100 ? `${what.slice(0, 100)}…` : what}`, async () => {
          put(outer, one.files ?? {});
          assert.equal(await outcomeOf(one, outer), one.expect);
          for (const [file, text] of Object.entries(one.keeps ?? {})) {
            assert.equal(readFileSync(path.join(outer, file), "utf8"), text, file);
          }
        });
      }
    });
  }
});

type Planned = Prepared & { readonly ok: true };

async function outcomeOf(one: CallCase, outer: string): Promise<string> {
  const root = path.join(outer, "workspace");
  const workspace = createNodeWorkspace({ root, stripEnv: () => [], guardedPaths: [path.join(outer, "storage")] });
  const args = JSON.stringify(one.args).replaceAll("{root}", root).replaceAll("{outer}", outer);
  const prepared = await prepare(one.tool, args, workspace);
  if (prepared === undefined) return "refuse";
  if (one.alwaysAllowed === true) {
    const rules = await allowedAlways(one, prepared, workspace);
    assert.equal((await verdictOn(one, prepared, workspace, await holding(rules, workspace))).kind, "allow");
    put(outer, one.then ?? {});
    return (await verdictOn(one, prepared, workspace, await holding(rules, workspace))).kind;
  }
  const verdict = await verdictOn(one, prepared, workspace, one.rules ?? []);
  assertShows(one.shows ?? [], prepared, verdict);
  put(outer, one.then ?? {});
  const runs = verdict.kind === "allow" && (one.expect === "fails" || one.keeps !== undefined);
  return runs && (await prepared.run(runContext())).isError ? "fails" : verdict.kind;
}

async function prepare(name: string, args: string, workspace: Workspace): Promise<Planned | undefined> {
  const tool = allTools.find((one) => one.name === name);
  assert.ok(tool, `there is no tool ${name}`);
  const checked = checkArguments(tool.schema, args);
  const prepared = checked.ok ? await tool.prepare(checked.args, workspace) : undefined;
  return prepared?.ok === true ? prepared : undefined;
}

async function verdictOn(
  { tool, mode = "ask" }: CallCase,
  prepared: Planned,
  workspace: Workspace,
  rules: readonly Rule[],
): Promise<Verdict> {
  const policy = { rules, mode, root: workspace.root };
  const effect = effectIn(mode, prepared.effect);
  const facts = effect.kind === "run" ? { command: await factsOf(effect.command, workspace, effect.cwd) } : {};
  return decide({ effect, tool, grants: [], policy, ...facts });
}

/** The rules as they are after the narrowest *Always allow …* was chosen on the card of this call. */
async function allowedAlways(one: CallCase, prepared: Planned, workspace: Workspace): Promise<readonly Rule[]> {
  const verdict = await verdictOn(one, prepared, workspace, []);
  assert.ok(verdict.kind === "ask" && verdict.always !== undefined, "nothing is offered");
  const cwd = prepared.effect.kind === "run" ? prepared.effect.cwd : "";
  const [chosen] = await readyOffers(verdict.always, { cwd, workspace, canSaveForUser: false });
  assert.ok(chosen, "nothing can be saved");
  const op = saveOp(chosen, 1);
  assert.ok(op.op === "setting");
  return alwaysRules({ settings: async () => ({ [op.key]: op.value }) });
}

function assertShows(texts: readonly string[], { effect, subject }: Planned, verdict: Verdict): void {
  if (texts.length === 0) return;
  assert.ok(verdict.kind === "ask");
  const card = JSON.stringify(describeCall({ effect, subject, verdict }));
  for (const text of texts) assert.ok(card.includes(JSON.stringify(text).slice(1, -1)), `${text} is not in ${card}`);
}
