/** That the card of a huge edit costs no more than that of a small one: until it is painted, and on the page's own thread. */
import type { ApprovalCard, ToView } from "../../../src/chunks/protocol";
import { diffLines } from "../../../src/tools/diff";
import { launch, openView, whyNoBrowser } from "../../webview/harness/browser";
import * as b from "../../webview/harness/build";
import { startHarness } from "../../webview/harness/server";
import type { Figure } from "../figures";
import { spreadOf } from "./stage";
import { withTasks } from "./trace";

const SIZES = [100, 10_000] as const;
const ROUNDS = 9;

export async function bench(): Promise<readonly Figure[]> {
  const reason = whyNoBrowser();
  if (reason !== undefined) throw Object.assign(new Error(reason), { name: "SetupError" });
  const harness = await startHarness();
  const browser = await launch();
  const painted = new Map<number, number[]>(SIZES.map((size) => [size, []]));
  const longest = new Map<number, number[]>(SIZES.map((size) => [size, []]));
  try {
    for (let round = -1; round < ROUNDS; round++) {
      for (const size of round % 2 === 0 ? SIZES : SIZES.toReversed()) {
        const { page, show } = await openView(browser, harness);
        await show(b.snapshot({ specs: [b.user("Go"), b.call("c1", "write_file", { path: "table.ts" })] }));
        const sent = await page.evaluateHandle((all) => all, message(cardOf(size)));
        const { result, tasks } = await withTasks(page, () => page.evaluate(paint, sent));
        if (round >= 0) painted.get(size)?.push(result);
        if (round >= 0) longest.get(size)?.push(Math.max(...tasks));
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await harness.close();
  }
  const of = (times: ReadonlyMap<number, readonly number[]>, size: number) => spreadOf(times.get(size) ?? []);
  return [
    ...SIZES.flatMap((size): Figure[] => [
      {
        ...{ name: `diff card: ${size} lines, message to paint`, value: of(painted, size).p50, unit: "ms" },
        ...{ spread: of(painted, size).range, note: "median, with the copying of the message" },
      },
      {
        ...{ name: `diff card: ${size} lines, longest task of the page`, value: of(longest, size).p50, unit: "ms" },
        ...{ spread: of(longest, size).range, note: "processor time, median" },
      },
    ]),
    {
      name: "diff card: 10000 / 100 lines, message to paint",
      value: of(painted, 10_000).p50 / of(painted, 100).p50,
      unit: "ratio",
    },
  ];
}

/** Its type is deeper than the browser driver's types can follow. */
const message = (card: ApprovalCard): unknown =>
  ({ type: "approvals", tab: "t1", rev: 1, cards: [card] }) satisfies ToView;

function cardOf(size: number): ApprovalCard {
  const text = Array.from({ length: size }, (_, i) => `  [${i}, "entry ${i}", compute(${i})],\n`).join("");
  const { added, removed, lines } = diffLines("", text, { maxLines: 20_000 });
  const subject = { kind: "edit", path: "table.ts", isNew: true, added, removed, diff: lines } as const;
  return b.commandCard({ tool: "write_file", title: "Create this file?", subject });
}

/** @returns ms from the message until the frame after the card was drawn. */
async function paint(sent: unknown): Promise<number> {
  const start = performance.now();
  window.postMessage(sent, "*");
  while (document.querySelector("[data-approval] .diff-line") === null) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  return performance.now() - start;
}
