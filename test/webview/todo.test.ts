/** The task list above the composer, in a real browser. */
import assert from "node:assert/strict";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const todo = [
  { text: "Measure", status: "done" },
  { text: "Load \u202eon first use", status: "in_progress" },
  { text: "Run the tests", status: "pending" },
] as const;

describeView("the task list in a browser", (stage) => {
  const region = () => stage().view.page.getByRole("region", { name: "Task list" });
  const lines = () => region().getByRole("listitem").allTextContents();

  it("shows each task with its state, and what could hide made visible", async () => {
    await stage().view.show(b.snapshot({ tabs: [b.tabState({ todo })] }));
    assert.deepEqual(await lines(), [
      "Done: Measure",
      "In progress: Load ‹U+202E›on first use",
      "To do: Run the tests",
    ]);
    await stage().view.show({ type: "tab", tab: b.tabState() });
    assert.equal(await region().count(), 0);
  });

  it("folds to the line that says where it stands, and stays folded over a reload", async () => {
    const { view } = stage();
    const message = b.snapshot({ tabs: [b.tabState({ todo })] });
    await view.show(message);
    const fold = () => region().getByRole("button");
    assert.deepEqual(
      [await fold().textContent(), await fold().getAttribute("aria-expanded")],
      ["Tasks: 1 of 3 done", "true"],
    );
    await fold().press("Enter");
    assert.deepEqual([await lines(), await fold().textContent()], [[], "2 of 3: Load ‹U+202E›on first use"]);
    await view.page.reload();
    await view.show(message);
    assert.deepEqual([await lines(), await fold().getAttribute("aria-expanded")], [[], "false"]);
    await fold().click();
    assert.equal((await lines()).length, 3);
  });

  it("scrolls within itself when it is long, and leaves nothing by which the page could scroll", async () => {
    const { view } = stage();
    const long = Array.from({ length: 60 }, (_, index) => ({ text: `Task ${index}`, status: "pending" }) as const);
    await view.show(b.snapshot({ tabs: [b.tabState({ todo: long })] }));
    await region().getByText("Task 59").scrollIntoViewIfNeeded();
    const heights = await view.page.evaluate(() => {
      const { scrollHeight, clientHeight } = document.documentElement;
      return [scrollHeight, clientHeight];
    });
    assert.equal(heights[0], heights[1]);
  });
});
