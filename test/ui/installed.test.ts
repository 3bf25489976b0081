import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { call, type Reply, reply, thinking } from "../simulator/reply";
import { withVsCode } from "./support/vscode";

const reads = 25;
const task = "Look around, note it down, and clean up";

/** Thirty steps: 25 with parallel reads of real files, an edit, a command, a denied command, one more read, the answer. */
function thirtySteps(files: readonly string[]): readonly Reply[] {
  const file = (index: number) => call("read_file", { path: files[index % files.length] ?? "package.json" });
  return [
    ...Array.from({ length: reads }, (_, step) => reply(thinking(`Step ${step}.`), file(2 * step), file(2 * step + 1))),
    reply("A note.", call("write_file", { path: "NOTES.txt", content: "seen\n" })),
    reply(call("run_shell", { command: "wc -l < NOTES.txt" })),
    reply(call("run_shell", { command: "git clean -fd" }), file(0)),
    reply("I leave it, then.", call("list_files", { path: "." })),
    reply("Thirty steps are done."),
  ];
}

describe("the .vsix, installed", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-installed-"));
  const vsix = path.join(folder, "dispatch.vsix");
  const workspace = path.join(folder, "repository");
  before(() => {
    execFileSync(process.execPath, ["scripts/package.mjs", vsix]);
    execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ".", workspace]);
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it("carries a turn of thirty steps on this repository, with every request valid and the cache read as it was written", () => {
    const files = execFileSync("git", ["ls-files", "src"], { cwd: workspace, encoding: "utf8" }).trim().split("\n");
    const scenario = { steps: thirtySteps(files) };
    return withVsCode({ name: "installed", scenario, vsix, workspace }, async ({ frame, simulator }) => {
      await frame.getByRole("textbox", { name: "Message" }).fill(task);
      await frame.getByRole("button", { name: "Send" }).click();
      const card = (tool: string) => frame.getByRole("alertdialog", { name: `Approval: ${tool}` });
      await card("write_file").getByRole("button", { name: "Allow once" }).click({ timeout: 60_000 });
      await card("run_shell").filter({ hasText: "wc -l" }).getByRole("button", { name: "Allow once" }).click();
      const clean = card("run_shell").filter({ hasText: "git clean" });
      await clean.getByRole("textbox", { name: "Reason" }).fill("NOTES.txt is wanted");
      await clean.getByRole("button", { name: /^Deny/ }).click();
      await frame.getByRole("log", { name: "Conversation" }).getByText("Thirty steps are done.").waitFor();

      assert.equal(await readFile(path.join(workspace, "NOTES.txt"), "utf8"), "seen\n");
      const sent = simulator.messages();
      assert.equal(sent.length, 30);
      assert.ok(sent.at(-1)?.body.includes("NOTES.txt is wanted"));
      for (const [index, { status, usage, prefix }] of sent.entries()) {
        assert.equal(status, 200);
        const last = sent[index - 1]?.usage;
        if (last === undefined) continue;
        assert.equal(prefix?.bytesIntact, true);
        assert.equal(usage?.cache_read_input_tokens, last.cache_read_input_tokens + last.cache_creation_input_tokens);
      }
    });
  });
});
