/** A mocha suite on the harness page: one browser, a fresh page for each test, no fault in the page left unseen. */
import assert from "node:assert/strict";
import type { Browser, Locator } from "playwright-core";
import type { FromPage } from "../../../src/chunks/protocol";
import { launch, openView, type View, whyNoBrowser } from "./browser";
import { type Harness, startHarness } from "./server";

/** The page of the running test, and short ways to its parts. */
export type Stage = {
  readonly view: View;
  /** Whatever was thrown or refused in the page; empty when the test ends well. */
  readonly faults: string[];
  readonly posted: <T extends FromPage["type"]>(type: T) => Promise<(FromPage & { type: T })[]>;
  readonly composer: () => Locator;
  readonly log: () => Locator;
  readonly card: () => Locator;
  /** Waits until a question takes answers. */
  readonly armed: () => Promise<void>;
};

/** Skipped, with the reason printed, only when there is no browser. Needs dist/webview.js. */
export function describeView(title: string, body: (stage: () => Stage) => void): void {
  const reason = whyNoBrowser();
  if (reason !== undefined) {
    console.log(`${title}: skipped, ${reason}`);
  }
  const suite = reason === undefined ? describe : describe.skip;
  suite(title, function () {
    this.timeout(60_000);
    let browser: Browser;
    let harness: Harness;
    let stage: Stage;
    before(async () => {
      harness = await startHarness();
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await harness?.close();
    });
    beforeEach(async () => {
      stage = stageOf(await openView(browser, harness));
    });
    afterEach(async () => {
      await stage.view.page.close();
      assert.deepEqual(stage.faults, [], "the page must not throw or break its policy");
    });
    body(() => stage);
  });
}

function stageOf(view: View): Stage {
  const { page } = view;
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") {
      faults.push(message.text());
    }
  });
  return {
    view,
    faults,
    posted: async <T extends FromPage["type"]>(type: T) => {
      const all = await view.sent();
      return all.filter((message): message is FromPage & { type: T } => message.type === type);
    },
    composer: () => page.getByRole("textbox", { name: "Message" }),
    log: () => page.getByRole("log", { name: "Conversation" }),
    card: () => page.getByRole("alertdialog", { name: "Approval: run_shell" }),
    armed: () => page.locator("[data-armed=true]").first().waitFor(),
  };
}
