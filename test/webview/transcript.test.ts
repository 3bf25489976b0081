/** The transcript in a real Chromium: following, paging, streaming, hostile text, walking through it. */
import assert from "node:assert/strict";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const busy = { status: "running", activity: { kind: "streaming" } } as const;
const asking = { status: "needs-approval", activity: { kind: "approval" } } as const;
const long = (turns: number, from = 1): b.Spec[] =>
  Array.from({ length: turns }, (_, i) => [
    b.user(`Question ${from + i}`, `turn${from + i}`),
    b.said(`Answer ${from + i}. ${"Some words to fill a few lines of the view. ".repeat(12)}`, 1, `turn${from + i}`),
  ]).flat();

describeView("the transcript in a browser", (stage) => {
  const toEnd = () =>
    stage()
      .log()
      .evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));

  it("follows the end until the reader leaves it, and again when asked", async () => {
    const { view, log } = stage();
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
    const { view, posted, log } = stage();
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

  it("is at the same message again when the page is loaded anew", async () => {
    const { view, log } = stage();
    const snapshot = b.snapshot({ specs: long(20) });
    await view.show(snapshot);
    await log().hover();
    await view.page.mouse.wheel(0, -900);
    await view.page.getByRole("button", { name: "Jump to latest" }).waitFor();
    const inView = () =>
      log().evaluate((box) => {
        const edge = box.getBoundingClientRect().top;
        const first = [...box.querySelectorAll("article")].find((one) => one.getBoundingClientRect().bottom > edge);
        return [first?.dataset.seq, Math.round((first?.getBoundingClientRect().top ?? 0) - edge)];
      });
    const before = await inView();
    await view.page.waitForFunction(() => sessionStorage.getItem("state")?.includes("anchors"));
    await view.page.reload();
    await view.show(snapshot);
    assert.deepEqual(await inView(), before);
  });

  it("goes where the host says that the tab was read, unless this view knows better, and tells where it comes to rest", async () => {
    const { view, log, posted } = stage();
    const place = { seq: 11, offset: 20 };
    const snapshot = b.snapshot({ specs: long(20), tabs: [b.tabState({ place })] });
    await view.show(snapshot);
    const at = async (seq: number) => (await log().locator(`[data-seq='${seq}']`).boundingBox())?.y ?? Number.NaN;
    const edge = (await log().boundingBox())?.y ?? Number.NaN;
    assert.ok(Math.abs((await at(11)) - edge - 20) <= 1);
    assert.deepEqual(await posted("place"), []);
    await view.page.getByRole("button", { name: "Jump to latest" }).click();
    await view.page.waitForFunction(() => sent.some((message) => message.type === "place"));
    assert.deepEqual(await posted("place"), [{ type: "place", tab: "t1" }]);
    await view.page.reload();
    await view.show(snapshot);
    assert.equal(await toEnd(), 0);
  });

  it("keeps the buttons of a question in view when it gets narrower", async () => {
    const { view, card, posted, armed } = stage();
    const specs = [...long(6), b.user("Go", "now"), b.call("c1", "run_shell", { command: "ls" }, 1, "now")];
    await view.page.setViewportSize({ width: 480, height: 600 });
    await view.show(b.snapshot({ tabs: [b.tabState(asking)], specs, approvals: [b.commandCard()] }));
    await view.page.setViewportSize({ width: 300, height: 600 });
    await view.show();
    await armed();
    const [deny, log] = await Promise.all([
      card().getByRole("button", { name: "Deny" }).boundingBox(),
      stage().log().boundingBox(),
    ]);
    assert.ok(deny && log && deny.y + deny.height <= log.y + log.height);
    assert.deepEqual(await posted("decide"), []);
  });

  it("draws a stream at most once a frame", async () => {
    const { view, log } = stage();
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
    const { view, log } = stage();
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
    const { view, faults, posted, log } = stage();
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
    const { view, log } = stage();
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
    const { view, log, card } = stage();
    const specs = [...long(12), b.user("Go", "now"), b.call("c1", "run_shell", { command: "ls" }, 1, "now")];
    await view.show(b.snapshot({ tabs: [b.tabState(asking)], specs, approvals: [b.commandCard()] }));
    await log().hover();
    await view.page.mouse.wheel(0, -100_000);
    await view.page.getByRole("button", { name: "Show", exact: true }).click();
    await card().waitFor();
    assert.equal(await view.page.evaluate(() => document.activeElement?.getAttribute("data-approval")), "a1");
  });

  it("never scrolls sideways, however narrow it is", async () => {
    const { view, log } = stage();
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
