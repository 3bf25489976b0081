/** What was used, as the view shows it: the line under a turn, its requests, and how full the window is. */
import assert from "node:assert/strict";
import type { StepUsage } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const step = (change: Partial<StepUsage>): StepUsage => ({
  turnId: "turn1",
  step: 1,
  attempt: 1,
  startedAt: 1,
  key: "main",
  model: "claude-sonnet-5-5",
  outcome: "ok",
  ...change,
});

export const usedSteps: readonly StepUsage[] = [
  step({ usage: { fresh: 4, read: 0, written: 18_400, output: 210 }, cost: 0.048 }),
  step({
    step: 2,
    startedAt: 2,
    usage: { fresh: 4, read: 18_400, written: 900, output: 1 },
    cost: 0.0042,
    outcome: "error",
  }),
  step({ step: 2, attempt: 2, startedAt: 3, outcome: "error" }),
  step({
    step: 2,
    attempt: 3,
    startedAt: 4,
    model: "claude-opus-5-5",
    key: "other",
    usage: { fresh: 4, read: 0, written: 19_700, output: 812 },
    cost: 0.1148,
    expectedRead: 19_300,
    missed: "Cache missed: the step before went to claude-sonnet-5-5.",
  }),
  step({
    step: 3,
    startedAt: 5,
    model: "claude-opus-5-5",
    key: "other",
    usage: { fresh: 4, read: 19_700, written: 1_200, output: 95 },
    cost: 0.0119,
  }),
];

describeView("what was used", (stage) => {
  const turn = b.turnSummary({ steps: 3, cost: 0.179, missed: 1 });
  const line = () => stage().view.page.locator(".turn-line");
  const table = () => stage().view.page.getByRole("table", { name: "Requests of this turn" });

  it("stands under the turn, and opens by keyboard to its requests, with every miss named", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ specs: [b.user("Go"), b.said("Done.")], turns: [turn] }));
    assert.equal(await line().textContent(), "3 steps · 48 s · 182 k read, 9 k written · $0.18 · cache missed once");
    await line().getByRole("button").press("Enter");
    await view.show();
    assert.deepEqual(await posted("turnDetails"), [{ type: "turnDetails", tab: "t1", turnId: "turn1" }]);
    await view.show({ type: "turnDetails", tab: "t1", turnId: "turn1", steps: usedSteps });
    const rows = await table()
      .getByRole("row")
      .evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent?.trim()).join(" | ")),
      );
    assert.deepEqual(rows, [
      "Step | Read | Written | Fresh | Answer | Cost",
      "1 | 0 | 18 k | 4 | 210 | $0.048",
      "2, failed | 18 k | 900 | 4 | 1 | $0.004",
      "2, try 2, failed | – | – | – | – | –",
      "claude-opus-5-5, key other",
      "2, try 3 | 0 | 20 k | 4 | 812 | $0.11",
      "Cache missed: the step before went to claude-sonnet-5-5.",
      "3 | 20 k | 1.2 k | 4 | 95 | $0.012",
    ]);
    await line().getByRole("button").press("Enter");
    assert.equal(await table().count(), 0);
  });

  it("shows tokens alone where the price is not known, and says so", async () => {
    const { view } = stage();
    await view.show(b.snapshot({ specs: [b.user("Go"), b.said("Done.")], turns: [b.turnSummary()] }));
    assert.equal(await line().textContent(), "12 steps · 48 s · 182 k read, 9 k written");
    assert.match((await line().getByRole("button").getAttribute("title")) ?? "", /price of a model is not known/);
  });

  it("tells how full the model's window is, and only the size where the window is not known", async () => {
    const { view } = stage();
    const meter = (words: string) => view.page.getByRole("img", { name: words });
    await view.show(b.snapshot({ tabs: [b.tabState({ context: { tokens: 850_000, window: 1_000_000 } })] }));
    await meter("850,000 of 1,000,000 tokens of the model's window are used (85 %)").waitFor();
    await view.show({ type: "tab", tab: b.tabState({ context: { tokens: 12_400 } }) });
    const size = meter("12,400 tokens in this chat; the size of the model's window is not known");
    assert.equal(await size.textContent(), "12 k");
    await view.show({ type: "tab", tab: b.tabState() });
    assert.equal(await size.count(), 0);
  });
});
