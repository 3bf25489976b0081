/** An answer must be meant: what a person presses for something else never answers a question. */
import assert from "node:assert/strict";
import type { ApprovalCard, ToView } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const asking = { status: "needs-approval", activity: { kind: "approval" } } as const;
const first = b.commandCard();
const second = b.commandCard({ id: "a2", callId: "c2" }, "npm run build");

const question = (cards: readonly ApprovalCard[], above = "I go."): ToView =>
  b.snapshot({
    tabs: [b.tabState(asking)],
    specs: [
      b.user("Go"),
      b.said(above),
      ...cards.map((card) => b.call(card.callId, card.tool, { command: "npm test" })),
    ],
    approvals: cards,
  });

/** Its type is deeper than the browser driver's types can follow. */
const message = (to: ToView): unknown => to;

describeView("answers to questions in a browser", (stage) => {
  const decisions = async () => (await stage().posted("decide")).map(({ id, answer }) => [id, answer.kind]);
  const armed = (id: string) => stage().view.page.locator(`[data-approval=${id}][data-armed=true]`);
  const button = (id: string, name: string) => armed(id).getByRole("button", { name });

  it("are not taken from a press that began before the question could be read", async () => {
    const { view } = stage();
    await view.show(b.snapshot({ tabs: [b.tabState(asking)], specs: [b.user("Go")] }));
    const began = await view.page.evaluate(
      async (message) => {
        const seen = new Promise<Element>((resolve) => {
          new MutationObserver(() => {
            const found = document.querySelector("[data-armed=false] .button");
            if (found !== null) resolve(found);
          }).observe(document.body, { childList: true, subtree: true });
        });
        window.postMessage(message, "*");
        const allow = await seen;
        allow.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
        return allow.closest("[data-approval]")?.getAttribute("data-approval");
      },
      question([first]),
    );
    assert.equal(began, "a1");
    await armed("a1").locator(".button").first().dispatchEvent("click");
    assert.deepEqual(await decisions(), []);
    await button("a1", "Allow once").click();
    assert.deepEqual(await decisions(), [["a1", "allow_once"]]);
  });

  it("are not taken from a key that is held down", async () => {
    const { view } = stage();
    await view.show(question([first]));
    await armed("a1").waitFor();
    const held = (
      selector: string,
      init: { readonly key: string; readonly ctrlKey?: boolean; readonly repeat?: boolean },
    ) =>
      view.page.locator(selector).evaluate((element, options) => {
        const event = new KeyboardEvent("keydown", { ...options, bubbles: true, cancelable: true });
        return !element.dispatchEvent(event);
      }, init);
    const allow = "[data-approval=a1] .button >> nth=0";
    assert.equal(await held(allow, { key: "Enter", repeat: true }), true, "the button is not pressed again");
    await held("[data-approval=a1]", { key: "Enter", ctrlKey: true, repeat: true });
    await held("[data-approval=a1]", { key: "Backspace", ctrlKey: true, repeat: true });
    await held("[data-approval=a1] input", { key: "Enter", repeat: true });
    assert.deepEqual(await decisions(), []);
    await held("[data-approval=a1]", { key: "Enter", ctrlKey: true });
    assert.deepEqual(await decisions(), [["a1", "allow_once"]]);
  });

  it("to a question that moved up because the one above was answered wait until it could be read", async () => {
    const { view } = stage();
    await view.show(question([first, second]));
    await button("a1", "Allow once").dblclick();
    assert.deepEqual(await decisions(), [["a1", "allow_once"]], "a double click is one answer");
    await armed("a2").waitFor();
    await view.page.evaluate(
      async (message) => {
        const gone = new Promise<void>((resolve) => {
          new MutationObserver(() => {
            if (document.querySelector("[data-approval=a1]") === null) resolve();
          }).observe(document.body, { childList: true, subtree: true });
        });
        window.postMessage(message, "*");
        await gone;
        const allow = document.querySelector<HTMLElement>("[data-approval=a2] .button");
        allow?.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
        allow?.click();
      },
      message({ type: "approvals", tab: "t1", rev: 1, cards: [second] }),
    );
    assert.deepEqual(await decisions(), [["a1", "allow_once"]]);
    await button("a2", "Deny").click();
    assert.deepEqual(await decisions(), [
      ["a1", "allow_once"],
      ["a2", "deny"],
    ]);
  });

  it("are not taken from a click where the question has just come to lie", async () => {
    const { view } = stage();
    const running = { callId: "c0", state: "running", startedAt: 0, output: "" } as const;
    await view.show(
      b.snapshot({
        tabs: [b.tabState(asking)],
        specs: [b.user("Go"), b.call("c0", "run_shell", { command: "x" }), b.call("c1", "run_shell", { command: "y" })],
        live: { turnId: "turn1", step: 1, startedAt: 0, blocks: [], tools: [running] },
        approvals: [first],
      }),
    );
    await armed("a1").waitFor();
    await view.page.evaluate(
      async (message) => {
        const card = document.querySelector("[data-approval=a1]") ?? document.body;
        const moved = new Promise<void>((resolve) => {
          new MutationObserver(() => resolve()).observe(card, { attributeFilter: ["data-moved"] });
        });
        window.postMessage(message, "*");
        await moved;
        const allow = card.querySelector<HTMLElement>(".button");
        document.body.dataset.through = allow === null ? "" : getComputedStyle(allow).pointerEvents;
        allow?.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
        allow?.click();
      },
      message(b.live(1, { kind: "output", callId: "c0", text: "one\ntwo\nthree\nfour\n" })),
    );
    assert.equal(await view.page.locator("body").getAttribute("data-through"), "none");
    assert.deepEqual(await decisions(), []);
    await button("a1", "Allow once").click();
    assert.deepEqual(await decisions(), [["a1", "allow_once"]]);
  });

  it("are not taken from the keyboard while the question is out of sight", async () => {
    const { view } = stage();
    await view.show(question([first], "Much to read.\n\n".repeat(80)));
    await armed("a1").focus();
    await view.page.locator(".transcript").evaluate((box) => box.scrollTo(0, 0));
    await view.page.keyboard.press("Control+Enter");
    assert.deepEqual(await decisions(), []);
    await armed("a1").scrollIntoViewIfNeeded();
    await view.page.keyboard.press("Control+Enter");
    assert.deepEqual(await decisions(), [["a1", "allow_once"]]);
  });

  it("by keyboard lead on to the next question, and what is typed instead goes to the composer", async () => {
    const { view, composer } = stage();
    await view.show(question([first, second]));
    await armed("a1").focus();
    await view.page.keyboard.press("Control+Backspace");
    assert.deepEqual(await decisions(), [["a1", "deny"]]);
    await view.show({ type: "approvals", tab: "t1", rev: 1, cards: [second] });
    await view.page.waitForFunction(() => document.activeElement?.getAttribute("data-approval") === "a2");
    await view.page.keyboard.type("wait");
    assert.equal(await composer().inputValue(), "wait");
    await view.page.keyboard.press("Control+Enter");
    assert.deepEqual(await decisions(), [["a1", "deny"]]);
  });
});
