/** That the length of a history costs the view nothing: opening, paging, and what the page holds, at 100 to 100,000 rows. */
import { dailyTurns } from "../../support/seed";
import type { Figure } from "../figures";
import { type BenchStage, openTab, sizeOf, spreadOf, startAnew, withStage } from "./stage";

const LENGTHS = [100, 1_000, 10_000, 100_000] as const;
const OPENINGS = 15;
const PAGES = 60;

export async function bench(): Promise<readonly Figure[]> {
  const tabs = Object.fromEntries(LENGTHS.map((count) => [`rows-${count}`, dailyTurns(count, `rows-${count}`)]));
  return withStage(tabs, { turns: [] }, async (stage) => [
    ...(await measureOpening(stage)),
    ...(await measureSize(stage)),
    ...(await measurePaging(stage)),
  ]);
}

async function measureOpening({ page }: BenchStage): Promise<readonly Figure[]> {
  const lengths = [100, 10_000, 100_000];
  const times = new Map<number, number[]>(lengths.map((count) => [count, []]));
  // In turns, each first as often as the others, so that what else the machine does meets all alike; the first round warms up.
  for (let round = -1; round < OPENINGS; round++) {
    for (const [index] of lengths.entries()) {
      const count = lengths[(index + round + lengths.length) % lengths.length] ?? 0;
      await startAnew(page);
      const time = await openTab(page, `rows-${count}`);
      if (round >= 0) times.get(count)?.push(time);
    }
  }
  const found = lengths.map((count) => ({ count, ...spreadOf(times.get(count) ?? []) }));
  const [base] = found;
  const note = "from the click to the paint, median";
  return [
    ...found.map(({ count, p50, range }): Figure => {
      return { name: `view: opening a tab of ${count} rows`, value: p50, unit: "ms", spread: range, note };
    }),
    ...found.slice(1).map(({ count, p50, range }): Figure => {
      const note = `aim: up to 1.5; of the fastest ${(range[0] / (base?.range[0] ?? Number.NaN)).toFixed(2)}`;
      return {
        name: `view: opening ${count} rows / 100 rows`,
        value: p50 / (base?.p50 ?? Number.NaN),
        unit: "ratio",
        note,
      };
    }),
  ];
}

/** As it is opened, and after the reader has gone up by so many pages. */
async function measureSize(stage: BenchStage): Promise<readonly Figure[]> {
  const sizes: ({ readonly count: number; readonly what: string } & Awaited<ReturnType<typeof sizeOf>>)[] = [];
  for (const [count, pages] of [
    [1_000, 4],
    [100_000, 20],
  ] as const) {
    await startAnew(stage.page);
    await openTab(stage.page, `rows-${count}`);
    sizes.push({ count, what: "opened", ...(await sizeOf(stage)) });
    for (let n = 0; n < pages; n++) await loadOlder(stage);
    sizes.push({ count, what: "read upwards", ...(await sizeOf(stage)) });
  }
  return sizes.flatMap(({ count, what, rows, nodes, heap }) => {
    const base = sizes.find((one) => one.count !== count && one.what === what);
    const figures: readonly Figure[] = [
      { name: `view: rows in the page, ${count} rows ${what}`, value: rows, unit: "count", note: "the bound is 400" },
      { name: `view: DOM nodes, ${count} rows ${what}`, value: nodes, unit: "count" },
      { name: `view: JS heap, ${count} rows ${what}`, value: heap, unit: "bytes", note: "after a collection" },
    ];
    if (base === undefined || count === 1_000) return figures;
    return [
      ...figures,
      { name: `view: DOM nodes, ${count} / ${base.count} rows ${what}`, value: nodes / base.nodes, unit: "ratio" },
      { name: `view: JS heap, ${count} / ${base.count} rows ${what}`, value: heap / base.heap, unit: "ratio" },
    ];
  });
}

async function measurePaging(stage: BenchStage): Promise<readonly Figure[]> {
  await startAnew(stage.page);
  await openTab(stage.page, "rows-100000");
  const times: number[] = [];
  for (let n = 0; n < PAGES; n++) times.push(await loadOlder(stage));
  const { p50, p95, range } = spreadOf(times);
  const note = "from the press to the paint, at 100,000 rows";
  return [
    { name: "view: paging older, p50", value: p50, unit: "ms", spread: range, note },
    { name: "view: paging older, p95", value: p95, unit: "ms", note },
  ];
}

/** Presses the button. @returns ms until the page of rows is painted. */
function loadOlder({ page }: BenchStage): Promise<number> {
  return page.evaluate(async () => {
    const first = () => document.querySelector("article[data-seq]")?.getAttribute("data-seq");
    const before = first();
    const start = performance.now();
    document.querySelector<HTMLElement>("button.older")?.click();
    while (first() === before) await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - start;
  });
}
