/** The agent's question in a real browser: by mouse, by keys, in other words, and never by a click that was meant for something else. */
import assert from "node:assert/strict";
import type { Ask } from "../../src/chunks/ask";
import type { ToView } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const ask: Ask = {
  id: "q1",
  callId: "c1",
  question: "Which \u202edatabase?",
  choices: [{ label: "Postgres", description: "As in production." }, { label: "SQLite" }, { label: "None" }],
  several: false,
};

/** Its type is deeper than the browser driver's types can follow. */
const plain = (to: ToView): unknown => to;

describeView("a question of the agent in a browser", (stage) => {
  const card = () => stage().view.page.getByRole("alertdialog", { name: "Question" });
  const question = (change: Partial<Ask> = {}): ToView =>
    b.snapshot({
      tabs: [b.tabState({ status: "needs-approval", activity: { kind: "approval" }, asks: [{ ...ask, ...change }] })],
      specs: [b.user("Go"), b.call("c1", "ask_user", { question: ask.question })],
      live: {
        turnId: "turn1",
        step: 1,
        startedAt: 0,
        blocks: [],
        tools: [{ callId: "c1", state: "running", startedAt: Date.now(), output: "" }],
      },
    });
  const show = (change: Partial<Ask> = {}) => stage().view.show(question(change));
  const answers = async () => (await stage().posted("answer")).map(({ id, answer }) => [id, answer]);

  it("takes a choice by a click, once, and none that began before it could be read", async () => {
    const { view, armed } = stage();
    await view.show(b.snapshot({ specs: [b.user("Go")] }));
    await view.page.evaluate(async (message: unknown) => {
      const seen = new Promise<Element>((resolve) => {
        new MutationObserver(() => {
          const found = document.querySelector("[data-armed=false] [data-choice='1']");
          if (found !== null) resolve(found);
        }).observe(document.body, { childList: true, subtree: true });
      });
      window.postMessage(message, "*");
      (await seen).dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    }, plain(question()));
    assert.match((await card().textContent()) ?? "", /Which ‹U\+202E›database\?.*1PostgresAs in production\.2SQLite/);
    await armed();
    await card().getByRole("button", { name: "SQLite" }).dispatchEvent("click");
    assert.deepEqual(await answers(), []);
    await card().getByRole("button", { name: "SQLite" }).click();
    await card().getByRole("button", { name: "Postgres" }).dispatchEvent("click");
    assert.deepEqual(await answers(), [["q1", { kind: "answer", choices: [1] }]]);
  });

  it("takes numbers, arrows and Enter", async () => {
    const { view, armed } = stage();
    const key = (name: string) => view.page.keyboard.press(name);
    await show();
    await armed();
    assert.equal(await card().evaluate((box) => box === document.activeElement), true);
    await key("ArrowDown");
    await key("ArrowDown");
    await key("Enter");
    assert.deepEqual(await answers(), [["q1", { kind: "answer", choices: [1] }]]);
    await show({ id: "q2" });
    await armed();
    await card().focus();
    await key("9");
    await key("3");
    assert.deepEqual((await answers())[1], ["q2", { kind: "answer", choices: [2] }]);
  });

  it("takes several, ticked by keys and mouse, with words beside them", async () => {
    const { view, armed } = stage();
    await show({ several: true });
    await armed();
    await card().focus();
    await view.page.keyboard.press("Enter"); // nothing is chosen
    await view.page.keyboard.press("3");
    await view.page.keyboard.press("2");
    await card().getByRole("checkbox", { name: "Postgres" }).click();
    await view.page.keyboard.press("2");
    assert.deepEqual(
      await card()
        .getByRole("checkbox")
        .evaluateAll((all) => all.map((one) => one.getAttribute("aria-checked"))),
      ["true", "false", "true"],
    );
    await card().getByRole("textbox", { name: "Answer in your own words" }).fill("with 2 replicas");
    await view.page.keyboard.press("Enter");
    assert.deepEqual(await answers(), [["q1", { kind: "answer", choices: [0, 2], text: "with 2 replicas" }]]);
  });

  it("takes other words, and that the agent decides; the message box answers it too", async () => {
    const { armed, composer } = stage();
    await show();
    await armed();
    await card().getByRole("textbox").fill("1 of them");
    await card().getByRole("button", { name: "Answer" }).click();
    await show({ id: "q2" });
    await armed();
    await card().getByRole("button", { name: "You decide" }).click();
    assert.deepEqual(await answers(), [
      ["q1", { kind: "answer", choices: [], text: "1 of them" }],
      ["q2", { kind: "skip" }],
    ]);
    assert.equal(await composer().getAttribute("placeholder"), "Choose above, or answer here");
  });

  it("is told to screen readers", async () => {
    await show();
    await stage().view.page.getByRole("status").filter({ hasText: "The agent asks: Which" }).waitFor();
  });
});
