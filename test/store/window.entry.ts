/**
 * One of several windows on one log: tries to write one row after the other for as long as it lives, each once it may,
 * and says on stdout what it is (`writer`, `reader`) and what was acknowledged (`saved SEQ ID`).
 */
import { writeSync } from "node:fs";
import { loadEngine } from "../../src/store/database";
import { nodeFs, type StoreFs } from "../../src/store/fs";
import { openLocalStore } from "../../src/store/local-store";
import { rowsOp, textRow } from "./support";

void main();

/** Arguments: the folder, a name of its own, ms that each sync of the disk takes. */
async function main(): Promise<void> {
  const [, , folder = "", name = "", syncMs = "0"] = process.argv;
  const timings = { takeOver: 30, follow: 5 };
  const store = openLocalStore({
    fs: slow(Number(syncMs)),
    engine: await loadEngine(),
    folder,
    token: `window-${name}`,
    timings,
  });
  say(store.state.kind);
  store.onState(({ kind }) => say(kind));
  for (let count = 1; ; count += 1) {
    const seq = (await store.lastSeq("tab-1")) + 1;
    const id = `${name}-${count}`;
    // A reader's write is refused; so is one whose seq another window has taken meanwhile.
    await store.write([rowsOp({ ...textRow(seq), id })]).then(
      () => say(`saved ${seq} ${id}`),
      () => undefined,
    );
    if (count % 50 === 0 && store.state.kind === "writer") await store.checkpoint();
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

function slow(ms: number): StoreFs {
  const wait = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const sync = (fd: number) => {
    wait();
    nodeFs.sync(fd);
  };
  const syncFolder = (folder: string) => {
    wait();
    nodeFs.syncFolder(folder);
  };
  return ms === 0 ? nodeFs : { ...nodeFs, sync, syncFolder };
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
