/** Whoever looks elsewhere is told once of each chat that begins to wait, and led to it. */
import assert from "node:assert/strict";
import type { DeskState } from "../../src/host/desk";
import { notifyOfQuestions } from "../../src/host/notify";
import { type Agent, withAgent } from "../support/agent";
import { call, steps, text } from "../support/script";

const ask = { blocks: ["x", "y"].map((name) => call("run_shell", { command: `touch ${name}` })) };

/** Waits until both questions of the next step are there. @returns an act that answers them. */
function questionsOf(agent: Agent) {
  const answered = new Set<string>();
  return async () => {
    const fresh = () => (agent.state().views.get(agent.tab())?.approvals ?? []).filter(({ id }) => !answered.has(id));
    await agent.until(() => fresh().length === 2);
    return () => {
      for (const { id, tab } of fresh()) {
        answered.add(id);
        agent.say({ type: "decide", tab, id, answer: { kind: "allow_once" } });
      }
    };
  };
}

describe("the notice of a question", () => {
  it("comes once for all questions of a step, not while the chats are seen, and leads to the tab", () =>
    withAgent(steps(ask, ask, ask, { blocks: [text("ok")] }), {}, async (agent) => {
      const shown: string[] = [];
      const led: string[] = [];
      let isSeen = false;
      let press: (button: string | undefined) => void = () => undefined;
      const notices = notifyOfQuestions(
        {
          onState(listener: (state: DeskState) => void) {
            listener({ kind: "open", session: agent.session });
            return { dispose: () => undefined };
          },
        },
        {
          isSeen: () => isSeen,
          show(message, button) {
            shown.push(`${message} [${button}]`);
            return new Promise((resolve) => {
              press = resolve;
            });
          },
          lead: async (_session, tab) => void led.push(tab),
        },
      );
      agent.say({ type: "renameTab", tab: agent.tab(), title: "Look [here](command:x)" });
      const asked = questionsOf(agent);
      const said = "The chat “Look [here] (command:x)” waits for your answer. [Show]";
      const end = agent.send("go");
      const first = await asked();
      assert.deepEqual(shown, [said]);
      press("Show");
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(led, [agent.tab()]);
      isSeen = true;
      first();
      const second = await asked();
      isSeen = false; // what was seen needs no notice later
      agent.say({ type: "draft", tab: agent.tab(), text: "hm" });
      assert.deepEqual(shown, [said]);
      second();
      const third = await asked();
      assert.deepEqual(shown, [said, said]);
      third();
      await end;
      notices.dispose();
      assert.deepEqual([shown.length, led.length], [2, 1]);
    }));
});
