/** Runs inside the extension host and times there; what comes out is written to DISPATCH_BENCH_RESULT. */
import { writeFileSync } from "node:fs";
import * as vscode from "vscode";
import type { TestApi } from "../../../src/extension";

/** Milliseconds. */
export type Activation = { readonly empty: number; readonly dispatch: number; readonly ready: number };

export async function run(): Promise<void> {
  const outcome = await measure().catch((error: unknown) => ({ error: String(error) }));
  writeFileSync(process.env.DISPATCH_BENCH_RESULT ?? "", JSON.stringify(outcome));
}

async function measure(): Promise<Activation> {
  await activate("dispatch.empty"); // The first activation of a host pays for the host's own first time.
  const empty = await activate("dispatch.empty-too");
  const dispatch = await activate<TestApi>("dispatch.dispatch");
  const from = performance.now();
  const view = await dispatch.api.attach(() => {});
  const ready = dispatch.took + performance.now() - from;
  view.dispose();
  return { empty: empty.took, dispatch: dispatch.took, ready };
}

async function activate<T>(id: string): Promise<{ readonly api: T; readonly took: number }> {
  const extension = vscode.extensions.getExtension<T>(id);
  if (extension === undefined) throw new Error(`${id} is not there`);
  if (extension.isActive) throw new Error(`${id} is active already, so it can't be timed`);
  const from = performance.now();
  const api = await extension.activate();
  return { api, took: performance.now() - from };
}
