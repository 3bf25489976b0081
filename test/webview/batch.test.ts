/** Several questions with one answer: all that is allowed was shown, and nothing that came later is among it. */
import assert from "node:assert/strict";
import type { ApprovalCard, ToView } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const asking = { status: "needs-approval", activity: { kind: "approval" } } as const;
const command = (n: number, text: string): ApprovalCard => b.commandCard({ id: `a${n}`, callId: `c${n}` }, text);
const edit: ApprovalCard = {
  ...command(3, ""),
  tool: "write_file",
  title: "Create this file?",
  subject: {
    ...{ kind: "edit", path: "table.ts", isNew: true, added: 2_000, removed: 0 },
    diff: Array.from({ length: 2_000 }, (_, i) => ({ kind: "add", line: i + 1, text: `entry ${i}` })),
  },
};
const few = [command(1, "npm test"), command(2, "npm run build")];
const many = [command(1, `npm test\n${"# more\n".repeat(60)}npm run last`), command(2, "npm run build"), edit];

const question = (cards: readonly ApprovalCard[]): ToView =>
  b.snapshot({
    tabs: [b.tabState(asking)],
    specs: [b.user("Go"), ...cards.map((card) => b.call(card.callId, card.tool, { command: "x" }))],
    approvals: cards,
  });

describeView("several questions at once in a browser", (stage) => {
  const page = () => stage().view.page;
  const all = () => page().getByRole("dialog", { name: "All questions" });
  const decisions = async () => (await stage().posted("decide")).map(({ id, answer }) => [id, answer]);
  const open = async (cards: readonly ApprovalCard[]) => {
    await stage().view.show(question(cards));
    await page().getByRole("button", { name: "Answer all…" }).click();
    await all().waitFor();
  };

  it("are not offered for one", async () => {
    await stage().view.show(question(few.slice(0, 1)));
    assert.equal(await page().getByRole("button", { name: "Answer all…" }).count(), 0);
  });

  it("are shown in full, allowed only when their end was in sight, each by its own id", async () => {
    await open(many);
    assert.match((await all().locator("pre").first().textContent()) ?? "", /^npm test\n(# more\n){60}npm run last$/);
    const allow = all().getByRole("button", { name: "Allow all 3 once" });
    await all().getByRole("button", { name: "Deny all", disabled: false }).waitFor();
    assert.equal(await allow.isDisabled(), true);
    await page().keyboard.press("Control+Enter");
    assert.deepEqual(await decisions(), []);
    const list = all().getByRole("list", { name: "Questions" });
    await page().waitForFunction(() => {
      const box = document.querySelector(".batch-list");
      box?.scrollBy(0, 400);
      return document.querySelector(".batch[data-armed=true]") !== null;
    });
    assert.match((await list.textContent()) ?? "", /entry 0.*entry 1999/s);
    await allow.click();
    assert.deepEqual(
      await decisions(),
      ["a1", "a2", "a3"].map((id) => [id, { kind: "allow_once" }]),
    );
    assert.equal(await all().count(), 0);
  });

  it("that come later are not among them, nor are those that were answered elsewhere", async () => {
    await open([...few, command(4, "npm run lint")]);
    await page().locator(".batch[data-armed=true]").waitFor();
    const later = command(5, "rm -rf dist");
    await stage().view.show({
      ...{ type: "approvals", tab: "t1", rev: 1 },
      cards: [...few, later],
    });
    await all().getByText("1 question came since, asked separately.").waitFor();
    assert.equal(await all().getByText("rm -rf dist").count(), 0);
    await all().getByRole("button", { name: "Allow all 2 once" }).click();
    assert.deepEqual(await decisions(), [
      ["a1", { kind: "allow_once" }],
      ["a2", { kind: "allow_once" }],
    ]);
    await stage().view.show({ type: "approvals", tab: "t1", rev: 2, cards: [later] });
    await page().waitForFunction(() => document.activeElement?.getAttribute("data-approval") === "a5");
  });

  it("are opened from a question, denied with a reason, and left with Escape, all by keyboard", async () => {
    const { view } = stage();
    await view.show(question(few));
    await page().locator("[data-approval=a2][data-armed=true]").focus();
    await page().keyboard.press("Control+Shift+Enter");
    await all().waitFor();
    assert.equal(
      await page()
        .locator(".transcript")
        .evaluate((box: HTMLElement) => box.inert),
      true,
    );
    await page().keyboard.press("Escape");
    await all().waitFor({ state: "detached" });
    assert.deepEqual([await stage().posted("stop"), await decisions()], [[], []]);

    await page().getByRole("button", { name: "Answer all…" }).click();
    await page().locator(".batch[data-armed=true]").waitFor();
    await all().getByRole("textbox", { name: "Reason" }).fill("one at a time");
    await page().keyboard.press("Enter");
    const denied = { kind: "deny", reason: "one at a time" };
    assert.deepEqual(await decisions(), [
      ["a1", denied],
      ["a2", denied],
    ]);
  });
});
