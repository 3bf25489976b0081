/** The wait before the next try, in a real browser: what it says, and the button that ends it. */
import assert from "node:assert/strict";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

describeView("a wait before the next try", (stage) => {
  const show = (until: number, attempt: number) =>
    stage().view.show(
      b.snapshot({
        tabs: [
          b.tabState({
            status: "running",
            activity: { kind: "retrying", until, attempt, reason: "The model's servers are overloaded." },
          }),
        ],
        specs: [b.user("Go")],
      }),
    );

  it("says why and for how long, and can be ended by keys alone", async () => {
    const { view, posted } = stage();
    await show(Date.now() + 3_600_000, 3);
    const line = view.page.locator(".activity");
    assert.match(
      (await line.textContent()) ?? "",
      /^ ?The model's servers are overloaded: next try in (?:1 h 0|59) min.*\(attempt 3\) Try now$/,
    );
    await view.page.getByRole("button", { name: "Try now" }).focus();
    await view.page.keyboard.press("Enter");
    assert.deepEqual(await posted("retryNow"), [{ type: "retryNow", tab: "t1" }]);
  });

  it("offers nothing when it is over", async () => {
    await show(Date.now() - 1, 1);
    const { page } = stage().view;
    assert.match((await page.locator(".activity").textContent()) ?? "", /trying again\s*$/);
    assert.equal(await page.getByRole("button", { name: "Try now" }).count(), 0);
  });
});
