/** What the page's own thread does, from Chromium's trace: processor time, which other work of the machine does not add to. */
import type { Page } from "playwright-core";

/** @returns what `work` gives, and the processor time of each task of the page's main thread meanwhile, ms. */
export async function withTasks<T>(
  page: Page,
  work: () => Promise<T>,
): Promise<{ result: T; tasks: readonly number[] }> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("The page has no browser.");
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  let result: T;
  let trace: Buffer;
  try {
    result = await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const parsed: { readonly traceEvents: readonly TraceEvent[] } = JSON.parse(trace.toString());
  return { result, tasks: tasksOf(parsed.traceEvents) };
}

type TraceEvent = {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time of the thread, µs. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
};

/** The browser has more than one page process: the one that did most is that of the page. */
function tasksOf(events: readonly TraceEvent[]): readonly number[] {
  const threads = new Set(
    events.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain").map(threadOf),
  );
  const byThread = new Map<string, number[]>();
  for (const event of events) {
    const thread = threadOf(event);
    if (event.ph !== "X" || !event.name.endsWith("RunTask") || !threads.has(thread)) continue;
    const tasks = byThread.get(thread) ?? [];
    tasks.push((event.tdur ?? 0) / 1_000);
    byThread.set(thread, tasks);
  }
  return [...byThread.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}

const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}.${tid}`;
