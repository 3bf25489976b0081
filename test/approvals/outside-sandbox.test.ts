/** What was allowed once counts for what was seen then. */
import assert from "node:assert/strict";
import { decide, type Grant } from "../../src/approvals/decide";
import type { CommandFacts } from "../../src/approvals/shell/facts";
import type { Effect } from "../../src/chunks/effect";

const run = (command: string): Effect => ({ kind: "run", command, cwd: "/w", inside: true });
const known = (text: string): CommandFacts => ({
  kind: "known",
  commands: [{ argv: text.split(" "), reads: false, words: text }],
  paths: [],
});

describe("outside the sandbox", () => {
  it("an answer for this tab is neither offered nor taken for what runs files that may have changed unasked", () => {
    const verdict = (command: string, sandbox: "in" | "out" | undefined, grants: readonly Grant[] = []) => {
      const effect: Effect = { ...run(command), ...(sandbox === undefined ? {} : { sandbox }) };
      const mode = sandbox === undefined ? "ask" : "sandbox";
      return decide({ effect, tool: "t", grants, policy: { rules: [], mode, root: "/w" }, command: known(command) });
    };
    const outcome = (command: string, sandbox: "out" | undefined) => {
      const first = verdict(command, sandbox);
      assert.ok(first.kind === "ask");
      const grant = verdict(command, undefined);
      const given = grant.kind === "ask" && grant.grant !== undefined ? [grant.grant] : [];
      return [first.tabScope !== undefined, verdict(command, sandbox, given).kind];
    };
    assert.deepEqual(
      (["npm test", "make", "./build.sh", "touch a"] as const).map((command) => [
        ...outcome(command, undefined),
        ...outcome(command, "out"),
      ]),
      [
        [true, "allow", false, "ask"],
        [true, "allow", false, "ask"],
        [true, "allow", false, "ask"],
        [true, "allow", true, "allow"],
      ],
    );
  });
});
