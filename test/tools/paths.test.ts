import assert from "node:assert/strict";
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { decide } from "../../src/approvals/decide";
import { allTools } from "../../src/tools/index";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import type { Resolved, Tool, Workspace } from "../../src/tools/types";
import { noRules } from "../support/policy";
import { useFolder } from "./folder";
import { pathCases } from "./paths";

const takesPath = ({ schema }: Tool): boolean =>
  typeof schema.properties === "object" &&
  Object.keys(schema.properties ?? {}).some((name) => /^(?:path|cwd)$/.test(name));

describe("paths", () => {
  const outer = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-paths-")));
  const root = path.join(outer, "workspace");
  const at = (...parts: readonly string[]): string => path.join(outer, ...parts);
  let workspace: Workspace;

  before(() => {
    for (const folder of [
      "workspace/src",
      "workspace/.git/hooks",
      "workspace/links",
      "workspace-evil",
      "other",
      "storage",
    ]) {
      mkdirSync(at(folder), { recursive: true });
    }
    writeFileSync(at("workspace/src/app.ts"), "app\n");
    writeFileSync(at("other/file.txt"), "secret\n");
    symlinkSync(at("other"), at("workspace/links/out"));
    symlinkSync(at("other/file.txt"), at("workspace/links/file"));
    symlinkSync("../../other/not-yet.txt", at("workspace/links/new"));
    symlinkSync("../.git", at("workspace/links/git"));
    symlinkSync("loop", at("workspace/links/loop"));
    symlinkSync(root, at("way-in"));
    workspace = createNodeWorkspace({ root, stripEnv: () => [], guardedPaths: [at("storage")] });
  });
  after(() => rmSync(outer, { recursive: true, force: true }));

  for (const { path: written, expected, because } of pathCases) {
    const shown = JSON.stringify(written.length > 60 ? `${written.slice(0, 60)}…` : written);
    it(`${expected}: ${shown} (${because})`, async () => {
      assert.equal(kindOf(await workspace.resolve(written)), expected);
    });
  }

  it("asks every write, and reads only inside without a question", async () => {
    const wrong: string[] = [];
    for (const { path: written, expected } of pathCases.filter((one) => one.path !== "")) {
      for (const tool of allTools.filter(takesPath)) {
        const args = {
          path: written,
          cwd: written,
          content: "x",
          command: "true",
          edits: [{ old_text: "a", new_text: "b" }],
        };
        const prepared = await tool.prepare(args, workspace);
        if (!prepared.ok) continue;
        const verdict = decide({ effect: prepared.effect, tool: tool.name, grants: [], policy: noRules });
        const isFree = tool.readOnly && (expected === "plain" || expected === "guarded");
        if ((verdict.kind === "allow") !== isFree) wrong.push(`${tool.name} ${written}: ${verdict.kind}`);
        const isWide = verdict.kind === "ask" && verdict.grant?.kind === "edit" && expected !== "plain";
        if (isWide) wrong.push(`${tool.name} ${written}: offered for the tab`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("takes the workspace by the name of a link that leads to it", async () => {
    const linked = createNodeWorkspace({ root: at("way-in"), stripEnv: () => [] });
    assert.deepEqual(await linked.resolve(at("way-in", "src/app.ts")), {
      path: at("workspace/src/app.ts"),
      shown: "src/app.ts",
      inside: true,
    });
    assert.deepEqual(await linked.resolve(at("workspace/src")), {
      path: at("workspace/src"),
      shown: "src",
      inside: true,
    });
  });

  function kindOf(resolved: Resolved | { readonly error: string }): string {
    if ("error" in resolved) {
      assert.match(resolved.error, /\.$/);
      return "refused";
    }
    const where = resolved.inside ? "" : "outside";
    return [where, resolved.guarded === undefined ? "" : "guarded"].filter(Boolean).join("-") || "plain";
  }
});

describe("hard links", () => {
  const folder = useFolder();

  it("are guarded: another name may be a protected file", async () => {
    const { root, put, workspace } = folder();
    put(".git/config", "[core]\n");
    linkSync(path.join(root, ".git/config"), path.join(root, "innocent.txt"));
    assert.deepEqual(await workspace.resolve("innocent.txt"), {
      path: path.join(root, "innocent.txt"),
      shown: "innocent.txt",
      inside: true,
      guarded: "It has other names (hard links); after the write they keep the old content.",
    });
  });
});
