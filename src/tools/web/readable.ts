/** Has a page read in a thread of its own, within bounds: a page that is too much for it costs an error and nothing else. */
import { Worker } from "node:worker_threads";
import type { Readable } from "./types";

const HEAP_MB = 400;

/** @param worker the thread's file. @param timeoutMs after which it is ended. @throws only what `signal` aborts with. */
export async function readInWorker(
  worker: string,
  page: { readonly html: string; readonly url: string; readonly whole: boolean },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Readable> {
  signal.throwIfAborted();
  const limits = { maxOldGenerationSizeMb: HEAP_MB, stackSizeMb: 16 };
  const thread = new Worker(worker, { workerData: page, resourceLimits: limits, env: {}, stdout: true, stderr: true });
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  try {
    return await new Promise<Readable>((resolve, reject) => {
      timer = setTimeout(
        () => resolve({ error: `The page could not be made readable within ${timeoutMs / 1000} s.` }),
        timeoutMs,
      );
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      thread.once("message", resolve);
      thread.once("error", (error) => resolve({ error: `The page could not be made readable: ${error.message}` }));
      thread.once("exit", () => resolve({ error: "The page could not be made readable." }));
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    await thread.terminate();
  }
}
