/** The command of a call goes to a terminal as it was written, whatever has become of the call. */
import assert from "node:assert/strict";
import { whyNotTyped } from "../../src/host/typed-command";
import { withAgent } from "../support/agent";
import { call, steps, text } from "../support/script";

describe("a command in a terminal", () => {
  it("is that of the call, in its folder: while it waits and when it has run", async () => {
    const typed: { readonly command: string; readonly cwd: string }[] = [];
    const scenario = steps(
      {
        blocks: [
          call("run_shell", { command: "touch here", cwd: "src" }, "c1"),
          call("read_file", { path: "src/a.js" }, "c2"),
        ],
      },
      { blocks: [text("ok")] },
    );
    await withAgent(
      scenario,
      { surroundings: (own) => ({ ...own, editor: { ...own.editor, openTerminal: (of) => void typed.push(of) } }) },
      async (agent) => {
        const open = (callId: string) => agent.say({ type: "openTerminal", tab: agent.tab(), callId });
        const end = agent.send("go");
        await agent.until((state) => state.views.get(agent.tab())?.approvals.length === 1);
        const [card] = agent.state().views.get(agent.tab())?.approvals ?? [];
        open("c1");
        open("c2");
        open("nosuch");
        await agent.session.idle().catch(() => undefined);
        agent.say({ type: "decide", tab: agent.tab(), id: card?.id ?? "", answer: { kind: "allow_once" } });
        await end;
        open("c1");
        await agent.session.idle();
        const one = { command: "touch here", cwd: `${agent.root}/src` };
        assert.deepEqual(typed, [one, one]);
      },
    );
  });

  it("is not typed where a terminal would act on it, or would not show it", () => {
    const refused = ["a\nb", "a\r", "a\tb", "a\u0003", "a\u001b[A", "a\u009b0m", "a\u200bb", "a\u202eb", "a\u{e0041}"];
    assert.deepEqual(
      refused.map((command) => whyNotTyped(command) === undefined),
      refused.map(() => false),
    );
    assert.equal(whyNotTyped("git log --grep='größer' | head -n 3 # ok"), undefined);
  });
});
