/** The built view in a real Chromium, under the policy of the host's page. Needs dist/webview.js. */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import type { FromView, ToView } from "../../src/chunks/protocol";
import { launch, openView, type View, viewOf, whyNoBrowser } from "./harness/browser";
import * as b from "./harness/build";
import { type Harness, startHarness } from "./harness/server";

const reason = whyNoBrowser();
if (reason !== undefined) {
  console.log(`browser tests of the webview skipped: ${reason}`);
}
const suite = reason === undefined ? describe : describe.skip;

const busy = { status: "running", activity: { kind: "streaming" } } as const;
const asking = { status: "needs-approval", activity: { kind: "approval" } } as const;
const question = (cards = [b.commandCard()]): ToView =>
  b.snapshot({
    tabs: [b.tabState(asking)],
    specs: [b.user("Go"), ...cards.map((card) => b.call(card.callId, card.tool, { command: "npm test" }))],
    approvals: cards,
  });
const long = (turns: number, from = 1): b.Spec[] =>
  Array.from({ length: turns }, (_, i) => [
    b.user(`Question ${from + i}`, `turn${from + i}`),
    b.said(`Answer ${from + i}. ${"Some words to fill a few lines of the view. ".repeat(12)}`, 1, `turn${from + i}`),
  ]).flat();

suite("the view in a browser", function () {
  this.timeout(60_000);
  let browser: Browser;
  let harness: Harness;
  let view: View;
  let faults: string[];

  before(async () => {
    harness = await startHarness();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await harness?.close();
  });
  beforeEach(async () => {
    view = await openView(browser, harness);
    faults = [];
    view.page.on("pageerror", (error) => faults.push(error.message));
    view.page.on("console", (message) => {
      if (message.type() === "error") {
        faults.push(message.text());
      }
    });
  });
  afterEach(async () => {
    await view.page.close();
    assert.deepEqual(faults, [], "the page must not throw or break its policy");
  });

  const posted = async <T extends FromView["type"]>(type: T) => {
    const all = await view.sent();
    return all.filter((message): message is FromView & { type: T } => message.type === type);
  };
  const composer = () => view.page.getByRole("textbox", { name: "Message" });
  const log = () => view.page.getByRole("log", { name: "Conversation" });
  const card = () => view.page.getByRole("alertdialog", { name: "Approval: run_shell" });
  const armed = () => view.page.locator("[data-armed=true]").first().waitFor();
  const toEnd = () => log().evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));

  it("says that it is ready, and asks again when it missed a revision", async () => {
    await view.show(b.snapshot({ specs: [b.user("Hi")] }));
    await view.show({ type: "rows", tab: "t1", rev: 5, rows: [] });
    assert.deepEqual(await view.sent(), [{ type: "ready" }, { type: "sync", tab: "t1" }]);
  });

  it("has the roles and names that others rely on", async () => {
    await view.show(
      b.snapshot({
        tabs: [b.tabState(asking), b.tabState({ id: "t2", title: "Other", status: "error" })],
        specs: [
          b.user("Go"),
          b.call("c0", "read_file", { path: "src/a.ts" }),
          b.call("c1", "run_shell", { command: "npm  test" }),
          b.result("c0", "read_file", "1"),
        ],
        approvals: [b.commandCard()],
        hasOlder: true,
      }),
    );
    const { page } = view;
    const tabs = page.getByRole("tablist", { name: "Chats" }).getByRole("tab");
    const names = ["data-tab-id", "data-status", "aria-label", "aria-selected"];
    assert.deepEqual(
      await tabs.evaluateAll((all, attributes) => all.map((tab) => attributes.map((a) => tab.getAttribute(a))), names),
      [
        ["t1", "needs-approval", "Faster engine start", "true"],
        ["t2", "error", "Other", "false"],
      ],
    );
    const articles = log().getByRole("article");
    assert.deepEqual(
      await articles.evaluateAll((all: HTMLElement[]) => all.map(({ dataset }) => [dataset.turn, dataset.seq])),
      [
        ["turn1", "1"],
        ["turn1", "2"],
      ],
    );
    const state = (name: string) => page.getByRole("group", { name, exact: true }).getAttribute("data-state");
    assert.deepEqual([await state("read_file: src/a.ts"), await state("run_shell: npm test")], ["done", "pending"]);
    for (const name of ["Allow once", "Allow in this tab", "Deny"]) {
      assert.equal(await card().getByRole("button", { name }).count(), 1, name);
    }
    assert.equal(await card().getByRole("textbox", { name: "Reason" }).count(), 1);
    for (const name of ["New tab", "Stop", "Load older messages"]) {
      assert.equal(await page.getByRole("button", { name }).count(), 1, name);
    }
    assert.equal(await page.getByRole("status").textContent(), "Needs approval: Run this command?");
  });

  it("sends with Enter, breaks the line with Shift+Enter, and not while an input method composes", async () => {
    await view.show(b.snapshot({}));
    assert.equal(await view.page.getByRole("button", { name: "Send" }).isDisabled(), true);
    await composer().fill("one");
    await composer().press("Shift+Enter");
    await composer().pressSequentially("two");
    await composer().dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await composer().dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
    assert.deepEqual(await posted("send"), []);
    await composer().press("Enter");
    assert.deepEqual(await posted("send"), [{ type: "send", tab: "t1", text: "one\ntwo" }]);
    assert.equal(await composer().inputValue(), "");
  });

  it("keeps the text while the agent works, and Escape stops it", async () => {
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    await composer().fill("next");
    await composer().press("Enter");
    assert.equal(await view.page.getByText("Escape stops it; your text is kept").count(), 1);
    await composer().press("Escape");
    assert.deepEqual([await posted("send"), await posted("stop")], [[], [{ type: "stop", tab: "t1" }]]);
    assert.equal(await composer().inputValue(), "next");
  });

  it("keeps a draft over a reload and tells the host", async () => {
    await view.show(b.snapshot({}));
    await composer().fill("half a thought");
    await composer().blur();
    assert.deepEqual(await posted("draft"), [{ type: "draft", tab: "t1", text: "half a thought" }]);
    await view.page.reload();
    view = viewOf(view.page);
    await view.show(b.snapshot({}));
    assert.equal(await composer().inputValue(), "half a thought");
  });

  it("grows the composer to ten lines and no further", async () => {
    await view.show(b.snapshot({}));
    const heights: number[] = [];
    for (const lines of [1, 4, 10, 40]) {
      await composer().fill(Array.from({ length: lines }, () => "x").join("\n"));
      heights.push((await composer().boundingBox())?.height ?? 0);
    }
    const [one = 0, four = 0, ten = 0, forty = 0] = heights;
    assert.ok(one < four && four < ten && ten === forty, heights.join(" "));
  });

  it("ignores answers before the card is armed, and takes one answer only", async () => {
    await view.show(question());
    await view.page.evaluate(() => {
      const buttons = [...document.querySelectorAll<HTMLElement>("[role=alertdialog] button")];
      for (const button of document.querySelector("[data-armed=false]") === null ? [] : buttons) {
        button.click();
      }
    });
    assert.deepEqual(await posted("decide"), []);
    await armed();
    await card().getByRole("button", { name: "Allow once" }).click();
    await card().getByRole("button", { name: "Deny" }).click({ force: true });
    assert.deepEqual(await posted("decide"), [{ type: "decide", tab: "t1", id: "a1", answer: { kind: "allow_once" } }]);
  });

  it("answers the focused card by keyboard", async () => {
    await view.show(question([b.commandCard(), b.commandCard({ id: "a2", callId: "c2" })]));
    await armed();
    await view.page.locator("[data-approval=a2][data-armed=true]").focus();
    await view.page.keyboard.press("Control+Backspace");
    await view.page.locator("[data-approval=a1]").focus();
    await view.page.keyboard.press("Enter");
    await view.page.keyboard.press("Control+Enter");
    assert.deepEqual(
      (await posted("decide")).map(({ id, answer }) => [id, answer]),
      [
        ["a2", { kind: "deny" }],
        ["a1", { kind: "allow_once" }],
      ],
    );
  });

  it("denies with the reason that was written", async () => {
    await view.show(question());
    await armed();
    await card().getByRole("textbox", { name: "Reason" }).fill("use the small suite");
    await view.page.keyboard.press("Enter");
    assert.deepEqual(
      (await posted("decide")).map(({ answer }) => answer),
      [{ kind: "deny", reason: "use the small suite" }],
    );
  });

  it("gives a new card the focus only when nothing is being written", async () => {
    const focused = () => view.page.evaluate(() => document.activeElement?.getAttribute("role"));
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    await composer().fill("wait");
    await view.show(question());
    assert.equal(await focused(), null);
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    await composer().fill("");
    await view.show(question());
    assert.equal(await focused(), "alertdialog");
  });

  it("shows the whole truth of a command", async () => {
    const command = `echo ok${" ".repeat(99)}; rm \u202ex\n${"# pad\n".repeat(60)}last line`;
    await view.show(question([b.commandCard({}, command)]));
    const text = (await card().locator("pre").textContent()) ?? "";
    assert.match(text, /^echo ok⟨99 blanks⟩; rm ⟨U\+202E⟩x\n/);
    assert.match(text, /last line$/);
    assert.match((await card().textContent()) ?? "", /62 lines, 483 characters/);
  });

  it("follows the end until the reader leaves it, and again when asked", async () => {
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [...long(20), b.user("Now", "now")] }));
    assert.equal(await toEnd(), 0);
    await view.show(b.live(1, { kind: "begin", turnId: "now", step: 1, startedAt: 0 }));
    await view.show(b.live(2, { kind: "block", index: 0, block: { kind: "text", text: "word ".repeat(900) } }));
    assert.equal(await toEnd(), 0);
    await log().hover();
    await view.page.mouse.wheel(0, -300);
    await view.page.getByRole("button", { name: "Jump to latest" }).waitFor();
    const before = await log().evaluate((box) => box.scrollTop);
    await view.show(b.live(3, { kind: "delta", index: 0, text: "more ".repeat(900) }));
    assert.equal(await log().evaluate((box) => box.scrollTop), before);
    await view.page.getByRole("button", { name: "Jump to latest" }).click();
    await view.show(b.live(4, { kind: "delta", index: 0, text: "end ".repeat(900) }));
    assert.equal(await toEnd(), 0);
  });

  it("loads older messages on scrolling up, and what is read stays where it is", async () => {
    await view.show(b.snapshot({ specs: long(20, 21), from: 41, hasOlder: true }));
    await log().hover();
    await view.page.mouse.wheel(0, -100_000);
    await view.page.waitForFunction(() => sent.some((message) => message.type === "loadOlder"));
    assert.deepEqual(await posted("loadOlder"), [{ type: "loadOlder", tab: "t1", before: 41 }]);
    const top = () =>
      log()
        .locator("[data-seq='41']")
        .evaluate((article) => article.getBoundingClientRect().top);
    const before = await top();
    await view.show({ type: "older", tab: "t1", before: 41, rows: b.rowsOf(long(20)), turns: [], hasOlder: false });
    assert.equal(await log().getByRole("article").count(), 80);
    // The button above the first message goes away with the last page.
    assert.ok(Math.abs((await top()) - before) <= 40, `${before} -> ${await top()}`);
    assert.equal(await view.page.getByRole("button", { name: "Load older messages" }).count(), 0);
  });

  it("draws a stream at most once a frame", async () => {
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    await view.show(b.live(1, { kind: "begin", turnId: "turn1", step: 1, startedAt: 0 }));
    await view.show(b.live(2, { kind: "block", index: 0, block: { kind: "text", text: "" } }));
    const counts = await view.page.evaluate(async () => {
      let [frames, changes, running] = [0, 0, true];
      const observer = new MutationObserver(() => changes++);
      observer.observe(document.querySelector("article.agent") ?? document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      const count = () => {
        frames++;
        if (running) {
          requestAnimationFrame(count);
        }
      };
      requestAnimationFrame(count);
      for (let i = 0; i < 1000; i++) {
        const event = { kind: "delta", index: 0, text: i % 40 === 39 ? "end.\n\n" : "word " };
        window.postMessage({ type: "live", tab: "t1", rev: 3 + i, event }, "*");
        if (i % 20 === 19) {
          await new Promise((resolve) => setTimeout(resolve));
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      running = false;
      return { frames, changes };
    });
    assert.equal((await log().textContent())?.match(/word/g)?.length, 975);
    assert.ok(counts.changes > 0 && counts.changes <= counts.frames, JSON.stringify(counts));
  });

  it("keeps finished blocks of a stream as the same elements, also when they are sealed", async () => {
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    const text = "First.\n\nSecond.\n\nThi";
    await view.show(b.live(1, { kind: "begin", turnId: "turn1", step: 1, startedAt: 0 }));
    await view.show(b.live(2, { kind: "block", index: 0, block: { kind: "text", text } }));
    await view.page.evaluate(() => document.querySelector(".markdown p")?.setAttribute("data-mark", "1"));
    await view.show(b.live(3, { kind: "delta", index: 0, text: "rd." }));
    await view.show({ type: "rows", tab: "t1", rev: 4, rows: b.rowsOf([b.said(`${text}rd.`)], 2) });
    assert.deepEqual(
      await log()
        .locator(".markdown p")
        .evaluateAll((all) => all.map((p) => [p.textContent, p.hasAttribute("data-mark")])),
      [
        ["First.", true],
        ["Second.", false],
        ["Third.", false],
      ],
    );
  });

  it("runs no script and sends no request for hostile text", async () => {
    const requests: string[] = [];
    view.page.on("request", (request) => requests.push(request.url()));
    const hostile = [
      "![x](https://evil.example/a.png) ![y](//evil.example/b.png) ![z](data:image/svg+xml,<svg/onload=alert(1)>)",
      "<img src=https://evil.example/c.png onerror=alert(1)><script>alert(1)</script><iframe src=https://evil.example></iframe>",
      "<style>@import url(https://evil.example/x.css)</style><svg><script>alert(1)</script></svg>",
      "[a](javascript:alert(1)) [b](command:workbench.action.quit) [c](&#106;avascript:alert(1)) <javascript:alert(1)>",
      "```html\n<img src=https://evil.example/d.png onerror=alert(1)>\n```",
      "[link](https://good.example/path)",
    ].join("\n\n");
    await view.page.exposeFunction("alert", () => faults.push("a script ran"));
    await view.show(
      b.snapshot({
        tabs: [b.tabState({ title: hostile.slice(0, 90), modelLabel: "<img src=x onerror=alert(1)>" })],
        specs: [
          b.user(hostile),
          b.thought(hostile),
          b.said(hostile),
          b.call("c1", "<b>x</b>", { path: "<img src=x onerror=alert(1)>" }),
          b.result("c1", "<b>x</b>", hostile, { isError: true, summary: "<i>" }),
          {
            role: "assistant",
            type: "error",
            data: { code: "x", message: hostile, details: hostile, retryable: false },
          },
        ],
      }),
    );
    const active = "script, img, iframe, object, embed, style, link, a[href], form, [onerror], [onload]";
    assert.deepEqual([await view.page.locator(`#app :is(${active})`).count(), requests], [0, []]);
    for (const link of await log().getByRole("link").all()) {
      await link.click();
    }
    assert.deepEqual(
      [...new Set((await posted("openLink")).map(({ href }) => href))],
      ["https://evil.example/a.png", "https://good.example/path"],
    );
    assert.deepEqual(requests, []);
  });

  it("walks through messages and cards with the arrow keys", async () => {
    await view.show(b.snapshot({ specs: [b.user("One"), b.said("Two"), b.user("Three", "turn2")] }));
    await log().focus();
    const stops: (string | undefined)[] = [];
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"]) {
      await view.page.keyboard.press(key);
      stops.push(await view.page.evaluate(() => document.activeElement?.textContent ?? undefined));
    }
    assert.deepEqual(stops, ["One", "Two", "Three", "Two"]);
  });

  it("leads to a question that is scrolled out of sight", async () => {
    const specs = [...long(12), b.user("Go", "now"), b.call("c1", "run_shell", { command: "ls" }, 1, "now")];
    await view.show(b.snapshot({ tabs: [b.tabState(asking)], specs, approvals: [b.commandCard()] }));
    await log().hover();
    await view.page.mouse.wheel(0, -100_000);
    await view.page.getByRole("button", { name: "Show", exact: true }).click();
    await card().waitFor();
    assert.equal(await view.page.evaluate(() => document.activeElement?.getAttribute("data-approval")), "a1");
  });

  it("offers the step that is missing", async () => {
    await view.show(b.snapshot({ setup: { key: { kind: "missing", keyId: "main" } } }));
    await view.page.getByRole("button", { name: "Set API key" }).click();
    await view.show(b.snapshot({ setup: { key: { kind: "settings", message: "dispatch.models must be a list." } } }));
    await view.page.getByRole("button", { name: "Open settings" }).click();
    assert.deepEqual(await posted("run"), [
      { type: "run", command: "set-api-key" },
      { type: "run", command: "open-settings" },
    ]);
  });

  it("never scrolls sideways, however narrow it is", async () => {
    const word = "x".repeat(400);
    await view.page.setViewportSize({ width: 300, height: 600 });
    await view.show(
      b.snapshot({
        tabs: [b.tabState({ ...asking, title: word, modelLabel: word })],
        specs: [
          b.user(word),
          b.said(`${word}\n\n|a|b|\n|-|-|\n|${word}|${word}|\n\n\`\`\`\n${word}\n\`\`\`\n\n\`${word}\``),
          b.call("c0", "read_file", { path: `${word}/${word}` }),
          b.result("c0", "read_file", word, { summary: word }),
          b.call("c1", "run_shell", { command: word }),
        ],
        approvals: [b.commandCard({ title: word, risk: word, tabScope: word }, word)],
      }),
    );
    const widths = await log().evaluate((box) => [
      box.scrollWidth - box.clientWidth,
      document.documentElement.scrollWidth,
    ]);
    assert.deepEqual(widths, [0, 300]);
  });
});
