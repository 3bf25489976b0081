/**
 * The gap that the loop adds between two requests: from the last event of a response, over sealed rows, one `read_file`
 * and its durable result, to the next request. Beside it, in the same run, what the disk alone takes for as much.
 */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import type { SendRequest } from "../../src/models/types";
import { startSimulator } from "../simulator/server";
import { startAgent, tempFolders } from "../support/agent";
import { call, steps, text } from "../support/script";
import type { Figure } from "./figures";

const STEPS = 200;

export async function bench(): Promise<readonly Figure[]> {
  const folders = tempFolders({ "a.txt": "line of text\n".repeat(200) });
  const read = { blocks: [text("Next."), call("read_file", { path: "a.txt" })] };
  const simulator = await startSimulator({
    scenario: steps(...Array.from({ length: STEPS }, () => read), { blocks: [text("ok")] }),
  });
  const gaps: number[] = [];
  let endedAt: number | undefined;
  const watch =
    (send: SendRequest): SendRequest =>
    async (body, choice, signal) => {
      if (endedAt !== undefined) gaps.push(performance.now() - endedAt);
      const reply = await send(body, choice, signal);
      if (!reply.ok) return reply;
      return {
        ...reply,
        events: (async function* () {
          for await (const event of reply.events) {
            if (event.type === "message_stop") endedAt = performance.now();
            yield event;
          }
        })(),
      };
    };
  const agent = await startAgent({ simulator, ...folders, watch, settings: { "dispatch.maxSteps": STEPS + 5 } });
  try {
    await agent.send("go");
    const disk = diskAlone(folders.storage, path.join(folders.root, "a.txt"));
    const [gap, alone] = [spreadOf(gaps), spreadOf(disk)];
    return [
      {
        name: "loop: gap between a response and the next request, median",
        value: gap.median,
        unit: "ms",
        spread: gap.range,
        note: "one read_file, rows durable; aim: under 10 ms; spread is p5 to p95",
      },
      {
        name: "loop: two synced appends and one file read alone, median",
        value: alone.median,
        unit: "ms",
        spread: alone.range,
        note: "the baseline of the same disk",
      },
      { name: "loop: gap over that baseline", value: gap.median / alone.median, unit: "ratio" },
    ];
  } finally {
    await agent.close();
    await simulator.close();
    folders.remove();
  }
}

function diskAlone(folder: string, file: string): number[] {
  const fd = openSync(path.join(folder, "baseline"), "a");
  const record = Buffer.alloc(3_000, "x");
  try {
    return Array.from({ length: STEPS }, () => {
      const startedAt = performance.now();
      for (let i = 0; i < 2; i++) {
        writeSync(fd, record);
        fdatasyncSync(fd);
      }
      readFileSync(file);
      return performance.now() - startedAt;
    });
  } finally {
    closeSync(fd);
  }
}

function spreadOf(values: readonly number[]): { readonly median: number; readonly range: readonly [number, number] } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { median: at(0.5), range: [at(0.05), at(0.95)] };
}
