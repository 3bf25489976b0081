/** The log's worker thread: owns the database, so that no load, query or checkpoint stops the extension host. */
import { readFileSync, watch as watchFolder } from "node:fs";
import path from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { assertNever } from "../chunks/rows";
import { loadEngine } from "./database";
import { nodeFs } from "./fs";
import { describeHome } from "./home";
import { openLocalStore } from "./local-store";
import type { Call, FromWorker, WorkerData } from "./rpc";
import type { Store } from "./types";

void main();

async function main(): Promise<void> {
  const { folder, token, home }: WorkerData = workerData;
  const engine = await loadEngine(readFileSync(path.join(__dirname, "sql-wasm.wasm")));
  const store = openLocalStore({
    fs: nodeFs,
    engine,
    folder,
    token,
    watch,
    home: home === undefined ? undefined : describeHome(home),
  });
  store.onState((state) => post({ kind: "state", state }));
  store.onChange((change) => post({ kind: "change", change }));
  store.onRecovery((recovery) => post({ kind: "recovery", recovery }));
  post({ kind: "state", state: store.state });
  post({ kind: "recovery", recovery: store.recovery });
  post({ kind: "ready" });
  parentPort?.on("message", (call: Call) => void answer(store, call));
}

/** Where the system can't watch a folder, looking now and then has to do. */
function watch(folder: string, changed: () => void): () => void {
  try {
    const watcher = watchFolder(folder, { persistent: false }, changed);
    watcher.on("error", () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

async function answer(store: Store, call: Call): Promise<void> {
  try {
    post({ kind: "result", id: call.id, value: await run(store, call) });
  } catch (error) {
    post({ kind: "failure", id: call.id, message: error instanceof Error ? error.message : String(error) });
  }
}

function run(store: Store, call: Call): Promise<unknown> {
  switch (call.method) {
    case "write":
      return store.write(...call.args);
    case "tabs":
      return store.tabs();
    case "rows":
      return store.rows(...call.args);
    case "rowsBefore":
      return store.rowsBefore(...call.args);
    case "rowsOfTool":
      return store.rowsOfTool(...call.args);
    case "editRows":
      return store.editRows(...call.args);
    case "lastSeq":
      return store.lastSeq(...call.args);
    case "turns":
      return store.turns(...call.args);
    case "requests":
      return store.requests(...call.args);
    case "approvals":
      return store.approvals(...call.args);
    case "prompt":
      return store.prompt(...call.args);
    case "settings":
      return store.settings();
    case "putBlob":
      return store.putBlob(...call.args);
    case "getBlob":
      return store.getBlob(...call.args);
    case "closeTab":
      return store.closeTab(...call.args);
    case "reopenTab":
      return store.reopenTab(...call.args);
    case "deleteTab":
      return store.deleteTab(...call.args);
    case "history":
      return store.history(...call.args);
    case "usage":
      return store.usage(...call.args);
    case "peek":
      return store.peek(...call.args);
    case "bringIn":
      return store.bringIn(...call.args);
    case "size":
      return store.size();
    case "checkpoint":
      return store.checkpoint();
    case "takeOver":
      return store.takeOver(...call.args);
    case "close":
      return store.close();
    default:
      return assertNever(call);
  }
}

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}
