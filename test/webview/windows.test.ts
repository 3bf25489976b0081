/** Long histories in a real Chromium, over a real session and a real log: bounded, steady, and all of it within reach. */
import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import type { Row } from "../../src/chunks/rows";
import { type Simulator, startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { call, text } from "../support/script";
import { dailyTurns, foldedTurns, giantTurn, seedTab } from "../support/seed";
import { launch, openView, type View, whyNoBrowser } from "./harness/browser";
import { type Connection, connect } from "./harness/connect";
import { type Harness, startHarness } from "./harness/server";

const BOUND = 400;
/** How far a message may be from where it was, px: positions are rounded to device pixels. */
const STEADY = 1;

const suite = whyNoBrowser() === undefined ? describe : describe.skip;

suite("a long history in a browser", function () {
  this.timeout(120_000);
  let browser: Browser;
  let harness: Harness;
  let simulator: Simulator;
  before(async () => {
    [harness, browser] = [await startHarness(), await launch()];
    simulator = await startSimulator({ scenario: steps });
  });
  after(async () => {
    await browser?.close();
    await harness?.close();
    await simulator?.close();
  });

  /** A page on a log with these rows; `use` may reload it. No fault in the page is left unseen. */
  async function withRows(rows: readonly Row[], use: (stage: Stage) => Promise<void>): Promise<void> {
    const folders = tempFolders({ "README.md": "# Sample\n" });
    await seedTab(folders.storage, "old", rows);
    const agent = await startAgent({ simulator, ...folders });
    let connection: Connection | undefined;
    const faults: string[] = [];
    const view = await openView(browser, harness, {
      prepare: async (page) => {
        page.on("pageerror", (error) => faults.push(error.message));
        connection = await connect(page, agent.session);
      },
    });
    try {
      await view.page.locator("[data-row]").first().waitFor();
      await use(stageOf(agent, view));
      assert.deepEqual(faults, []);
    } finally {
      await view.page.close();
      connection?.dispose();
      await agent.close();
      folders.remove();
    }
  }

  it("is read from its end to its beginning and back, in one turn of 3,000 rows, never more than the bound at a time", () =>
    withRows(giantTurn(3_000, "old"), async ({ page, scroll }) => {
      const walk = async (by: number, isThere: () => Promise<boolean>) => {
        const drawn = await page.evaluateHandle(watchCalls);
        while (!(await isThere())) await scroll(by);
        return drawn.evaluate(({ ids, most }) => ({ calls: ids.size, most: most() }));
      };
      const up = await walk(-2_500, async () => (await page.getByText("Do very many things").count()) > 0);
      await page.getByRole("button", { name: "Load newer messages" }).waitFor({ state: "attached" });
      const down = await walk(
        2_500,
        async () => (await page.getByRole("button", { name: "Jump to latest" }).count()) === 0,
      );
      assert.deepEqual([up.calls, down.calls], [1_000, 1_000]);
      for (const { most } of [up, down])
        assert.ok(most > 50 && most <= BOUND / 3 + 1, `${most} calls of three rows each`);
      assert.equal(await page.getByRole("button", { name: "Load newer messages" }).count(), 0);
    }));

  it("is read to its beginning and back where one line stands for very many rows", () =>
    withRows(foldedTurns(8, 88, "old"), async ({ page, scroll, count }) => {
      const walk = async (by: number, isThere: () => Promise<boolean>) => {
        while (!(await isThere())) {
          await scroll(by);
          assert.ok((await count()) <= 1.5 * BOUND, `${await count()} rows`);
        }
      };
      await walk(-400, async () => (await page.locator("article.user").getByText("Question 1.").count()) > 0);
      assert.equal(await page.locator("article.user").getByText("Question 8.").count(), 0);
      await walk(400, async () => (await page.getByRole("button", { name: "Jump to latest" }).count()) === 0);
      await page.locator("article.user").getByText("Question 8.").waitFor();
    }));

  for (const [what, rows] of [
    ["turns", dailyTurns(2_000, "old")],
    ["one turn", giantTurn(2_000, "old")],
  ] as const) {
    it(`does not move what is read when older rows come and newer ones go, in ${what}`, () =>
      withRows(rows, async ({ page, scroll, topOf, rowsLoaded }) => {
        const load = async (which: "older" | "newer", edge: 0 | 1) => {
          const loaded = (await rowsLoaded())[edge];
          const before = await page.evaluate(pressAndLook, which);
          await waitFor(async () => (await rowsLoaded())[edge] !== loaded);
          const moved = Math.abs((await topOf(before.row)) - before.top);
          assert.ok(moved <= STEADY, `row ${before.row} moved by ${moved} when ${which} rows came`);
          assert.ok((await rowsLoaded())[1] - (await rowsLoaded())[0] <= BOUND);
        };
        await scroll(-600);
        for (let n = 0; n < 4; n++) await load("older", 0);
        for (let n = 0; n < 3; n++) await load("newer", 1);
      }));
  }

  it("comes back to what was read far up when the page is loaded anew, and goes to the end when asked", () =>
    withRows(dailyTurns(3_000, "old"), async ({ page, view, scroll, anchor, topOf }) => {
      for (let n = 0; n < 40; n++) await scroll(-2_000);
      const before = await anchor();
      assert.ok(before.row < 2_400, `the reader is at row ${before.row}`);
      await page.reload();
      await page.locator(`[data-row="${before.row}"], [data-seq="${before.row}"]`).first().waitFor();
      await waitFor(async () => Math.abs((await topOf(before.row)) - before.top) <= STEADY);
      await page.getByRole("button", { name: "Jump to latest" }).click();
      await page.getByRole("button", { name: "Jump to latest" }).waitFor({ state: "detached" });
      await view.show();
      assert.equal(await page.getByRole("button", { name: "Load newer messages" }).count(), 0);
      assert.equal(
        await page.getByRole("log").evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight)),
        0,
      );
    }));

  it("is bounded while the agent adds to it, whether the reader follows or reads far up, and what is read stays", () =>
    withRows(giantTurn(380, "old"), async ({ page, agent, scroll, anchor, topOf, count }) => {
      await agent.send("go");
      await page.getByText("That is all 1.").waitFor();
      assert.ok((await count()) <= BOUND, `${await count()} rows`);
      for (let n = 0; n < 12; n++) await scroll(-1_500);
      const before = await anchor();
      await agent.send("go");
      await page.getByRole("button", { name: "Load newer messages" }).waitFor({ state: "attached" });
      assert.ok((await count()) <= BOUND);
      assert.ok(Math.abs((await topOf(before.row)) - before.top) <= STEADY);
      assert.equal(await page.getByText("That is all 2.").count(), 0);
      await page.getByRole("button", { name: "Jump to latest" }).click();
      await page.getByText("That is all 2.").waitFor();
      assert.ok((await count()) <= BOUND);
    }));
});

/** A turn of 60 steps, each of a text and a call. */
const steps = (request: { readonly step: number; readonly userText: string; readonly turn: number }) =>
  request.step < 60
    ? { blocks: [text(`I look, ${request.step}.`), call("list_files", {})] }
    : { blocks: [text(`That is all ${request.turn}.`)] };

type Stage = ReturnType<typeof stageOf>;

function stageOf(agent: Agent, view: View) {
  const { page } = view;
  return {
    agent,
    view,
    page,
    async scroll(by: number) {
      await page.getByRole("log").hover();
      await page.mouse.wheel(0, by);
      await view.show();
    },
    /** The first row that begins on the screen, and where. */
    anchor: () => page.evaluate(pressAndLook, undefined),
    topOf: (row: number) =>
      page
        .locator(`[data-row="${row}"], article:not(.agent)[data-seq="${row}"]`)
        .first()
        .evaluate((one) => one.getBoundingClientRect().top),
    /** The first rows of the oldest and of the newest piece in the page. */
    rowsLoaded: () => page.evaluate(loadedRows),
    /** Rows in the page: calls count for their results too. */
    count: () => page.evaluate(countRows),
  };
}

/** Presses a button that loads a page, if one is given, and looks before anything has come. */
function pressAndLook(which: "older" | "newer" | undefined): { readonly row: number; readonly top: number } {
  if (which !== undefined) document.querySelector<HTMLElement>(`button.${which}`)?.click();
  const box = document.querySelector(".transcript")?.getBoundingClientRect();
  for (const one of document.querySelectorAll<HTMLElement>("[data-row], article:not(.agent)[data-seq]")) {
    const { top } = one.getBoundingClientRect();
    if (box !== undefined && top >= box.top + 30) return { row: Number(one.dataset.row ?? one.dataset.seq), top };
  }
  return { row: 0, top: 0 };
}

/** The calls that are in the page from now on, at any moment, and the most of them at once. */
function watchCalls() {
  const ids = new Set<string | null>();
  let most = 0;
  const look = () => {
    const all = document.querySelectorAll("[data-call-id]");
    most = Math.max(most, all.length);
    for (const one of all) ids.add(one.getAttribute("data-call-id"));
  };
  look();
  new MutationObserver(look).observe(document.querySelector(".transcript") ?? document.body, {
    childList: true,
    subtree: true,
  });
  return { ids, most: () => most };
}

function loadedRows(): readonly [number, number] {
  const all = [...document.querySelectorAll<HTMLElement>("[data-row], article:not(.agent)[data-seq]")];
  const rows = [all[0], all.at(-1)].map((one) => Number(one?.dataset.row ?? one?.dataset.seq));
  return [rows[0] ?? 0, rows[1] ?? 0];
}

function countRows(): number {
  const count = (selector: string) => document.querySelectorAll(selector).length;
  return count(".markdown") + count("article:not(.agent)") + 2 * count("[data-call-id]");
}

async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
