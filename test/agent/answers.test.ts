/** An answer counts for the one question that it was given to, once; what else is tried is data of test/attacks. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ApprovalAnswer, ApprovalCard, ToView } from "../../src/chunks/protocol";
import { createHeldKey } from "../../src/host/held-key";
import { type Agent, withAgent } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, steps, text } from "../support/script";

noUnhandledRejections();

const cards = (agent: Agent): readonly ApprovalCard[] => agent.state().views.get(agent.tab())?.approvals ?? [];
const append = (word: string) => call("run_shell", { command: `echo ${word} >> ran` });
const ran = (agent: Agent): string => {
  const file = path.join(agent.root, "ran");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};
const allow: ApprovalAnswer = { kind: "allow_once" };

async function only(agent: Agent): Promise<ApprovalCard> {
  await agent.until(() => cards(agent).length === 1);
  const [card] = cards(agent);
  assert.ok(card);
  return card;
}

async function outcomes(agent: Agent) {
  return (await agent.rows()).flatMap((row) =>
    row.type === "tool_result" ? [[row.data.outcome, row.data.decision]] : [],
  );
}

describe("an answer", () => {
  it("is taken from the first of two views, and from each once", () =>
    withAgent(steps({ blocks: [append("one")] }, { blocks: [text("ok")] }), {}, async (agent) => {
      const got: ToView[] = [];
      const other = agent.session.attach((message) => got.push(message));
      other.receive({ type: "ready" });
      const end = agent.send("go");
      const card = await only(agent);
      const decide = (answer: ApprovalAnswer) => ({ type: "decide", tab: agent.tab(), id: card.id, answer });
      for (const answer of [{ kind: "deny", reason: "No, look first" }, allow, allow, { kind: "deny" }] as const) {
        other.receive(decide(answer));
        agent.view.receive(decide(answer));
      }
      await end;
      assert.equal(ran(agent), "");
      const decision = { by: "person", effect: "deny", reason: "No, look first" };
      assert.deepEqual(await outcomes(agent), [["denied", decision]]);
      assert.equal(agent.logged.filter((line) => line.includes("not open any more")).length, 7);
      const seen = got.flatMap((message) => (message.type === "approvals" ? [message.cards.length] : []));
      assert.deepEqual(seen, [1, 0], "the other view sees it come and go");
      const [sent] = (await agent.rows()).flatMap((row) => (row.type === "tool_result" ? [row.data.text] : []));
      assert.match(sent ?? "", /said: No, look first/);
    }));

  it("by a key of the editor that is held down counts once in a turn", () => {
    let now = 0;
    const isMeant = createHeldKey(() => now);
    const press = (at: number, turn = "t1") => {
      now = at;
      return isMeant(turn);
    };
    const held = Array.from({ length: 50 }, (_, index) => press(500 + index * 33));
    assert.deepEqual([press(9_000), held.filter(Boolean).length], [true, 1]);
    assert.deepEqual(
      [press(9_500), press(9_550, "t2"), press(9_600, "t2"), press(10_200, "t2")],
      [false, true, false, true],
    );
  });
});
