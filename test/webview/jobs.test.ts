/** Commands that go on in the background, in a real browser: how one is moved there, and the lines that show them. */
import assert from "node:assert/strict";
import type { JobState, LiveTool, TabState } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const job = (id: string, command: string, end?: string): JobState => ({
  id,
  command,
  startedAt: Date.now() - 125_000,
  ...(end === undefined ? {} : { end }),
});

describeView("background commands in a browser", (stage) => {
  const line = (text: string) =>
    stage()
      .view.page.getByRole("region", { name: "Background commands" })
      .getByRole("listitem")
      .filter({ hasText: text });
  const show = (change: Partial<TabState>, tool?: Partial<LiveTool>) =>
    stage().view.show(
      b.snapshot({
        tabs: [b.tabState(change)],
        specs: [b.user("Go"), b.call("c1", "run_shell", { command: "npm test" })],
        ...(tool === undefined
          ? {}
          : {
              live: {
                turnId: "turn1",
                step: 1,
                startedAt: 0,
                blocks: [],
                tools: [{ callId: "c1", state: "running", startedAt: Date.now(), output: "", ...tool }],
              },
            }),
      }),
    );
  const running = { status: "running", activity: { kind: "tools" } } as const;
  const queued = { queue: [{ id: "m1", text: "and this", createdAt: 1 }] };

  it("can be moved there from the card, when the call says so", async () => {
    const { view, posted } = stage();
    const button = view.page.getByRole("group", { name: "run_shell: npm test" }).getByText("Move to background");
    await show(running, {});
    assert.equal(await button.count(), 0);
    await show(running, { movable: true });
    await button.click();
    assert.deepEqual(await posted("background"), [{ type: "background", tab: "t1", callId: "c1" }]);
  });

  it("are offered to be moved, or stopped, for the message that waits behind them", async () => {
    const { view, posted, composer } = stage();
    const queue = view.page.getByRole("region", { name: "Queue" });
    await show({ ...running, ...queued }, {});
    assert.equal(await queue.getByText("Sent after the step that runs").count(), 1);
    await show({ ...running, ...queued, behind: { callId: "c1" } }, { movable: true });
    assert.equal(await queue.getByText("The agent gets this when the command ends.").count(), 1);
    await queue.getByText("Send now").click();
    await queue.getByRole("button", { name: "Move the command to the background" }).click();
    assert.equal(await composer().evaluate((box) => box === document.activeElement), true);
    assert.deepEqual(
      [await posted("background"), await posted("sendNow")],
      [[{ type: "background", tab: "t1", callId: "c1" }], [{ type: "sendNow", tab: "t1", id: "m1" }]],
    );
  });

  it("are counted down to for the message that waits, unless the person moves the command at once or waits for it", async () => {
    const { view, posted, composer } = stage();
    const line = view.page.getByRole("region", { name: "Queue" }).locator(".queue-line");
    const words = (state: Partial<TabState>, seconds: number) =>
      show(
        { ...running, ...state, behind: { callId: "c1", movesAt: Date.now() + seconds * 1_000 } },
        { movable: true },
      );
    await words(queued, 3_000);
    const first = (await line.locator("span > span").first().textContent()) ?? "";
    assert.match(first, /^The command moves to the background in \d+ min \d+ s, so that this is read\.$/);
    await line
      .filter({ hasText: / in \d+ min/ })
      .filter({ hasNotText: first })
      .waitFor(); // it goes on by itself
    await words({ queue: [...queued.queue, { id: "m2", text: "and that", createdAt: 2 }] }, -5);
    await line.getByText("The command moves to the background now, so that this is read.").waitFor();
    await line.getByRole("button", { name: "Move now" }).click();
    await line.getByRole("button", { name: "Wait for it" }).press("Enter");
    assert.equal(await composer().evaluate((box) => box === document.activeElement), true);
    assert.deepEqual(
      [await posted("background"), await posted("waitForCommand")],
      [[{ type: "background", tab: "t1", callId: "c1" }], [{ type: "waitForCommand", tab: "t1", callId: "c1" }]],
    );
  });

  it("have a line each that shows their output and stops them, folded when there are many", async () => {
    const { view, posted, composer } = stage();
    await show({ jobs: [job("j4", "npm run dev"), job("j9", "npm test", "exit 1")] });
    assert.deepEqual(
      await view.page.locator("[data-job]").evaluateAll((lines) => lines.map((one) => one.textContent)),
      ["In the background: npm run dev2 min", "Ended in the background: npm testexit 1"],
    );
    await line("npm test").getByRole("button", { name: "Show output" }).click();
    await line("npm run dev").getByRole("button", { name: "Stop npm run dev" }).click();
    assert.equal(await composer().evaluate((box) => box === document.activeElement), true);
    assert.deepEqual(
      [await posted("openJob"), await posted("stopJob")],
      [[{ type: "openJob", tab: "t1", id: "j9" }], [{ type: "stopJob", tab: "t1", id: "j4" }]],
    );
    await show({ jobs: ["a", "b", "c"].map((name) => job(name, `run ${name}`)) });
    assert.equal(await line("run").count(), 0);
    await view.page.getByRole("button", { name: "3 commands in the background" }).click();
    assert.equal(await line("run").count(), 3);
    await show({});
    assert.equal(await view.page.getByRole("region", { name: "Background commands" }).count(), 0);
  });

  it("are named in the question whether their chat is closed", async () => {
    const { view, posted } = stage();
    await show({ jobs: [job("j4", "npm run dev")] });
    await view.show({ type: "confirmClose", tab: "t1" });
    const question = view.page.getByRole("alertdialog", { name: "Close tab" });
    assert.match(
      (await question.textContent()) ?? "",
      /^A command of “Faster engine start” still runs in the background\./,
    );
    await question.getByRole("button", { name: "Stop and close" }).click();
    assert.deepEqual(await posted("closeTab"), [{ type: "closeTab", tab: "t1", stop: true }]);
  });
});
