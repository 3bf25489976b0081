/** What the main thread and the log's worker say to each other. */
import type { Change, Store, StoreState } from "./types";

/** The calls that go to the worker: every method of the store that takes time. */
export type Calls = Omit<Store, "state" | "recovery" | "onState" | "onChange">;

export type Call = {
  readonly [M in keyof Calls]: { readonly id: number; readonly method: M; readonly args: Parameters<Calls[M]> };
}[keyof Calls];

export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "state"; readonly state: StoreState }
  | { readonly kind: "change"; readonly change: Change }
  | { readonly kind: "recovery"; readonly recovery: readonly string[] }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly message: string };

export type WorkerData = { readonly folder: string; readonly token: string; readonly home: string | undefined };
