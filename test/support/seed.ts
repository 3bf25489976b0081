/** Conversations that are in the log before a session opens it. */
import type { Row } from "../../src/chunks/rows";
import { openStore } from "../../src/store/open";
import type { TurnRecord } from "../../src/store/types";
import { STORE_WORKER } from "./agent";
import { rowLog } from "./rows";

/** Rows of one record of the log, where there are very many. */
const BATCH = 2_000;

/** Writes a tab with these rows, whose turns have all ended. Their ids are made the tab's own. */
export async function seedTab(storage: string, tabId: string, given: readonly Row[], position = 0): Promise<void> {
  const rows = given.map((row): Row => ({ ...row, id: `${tabId}-${row.id}`, turnId: `${tabId}-${row.turnId}` }));
  const store = await openStore({ folder: `${storage}/log`, worker: STORE_WORKER });
  const turns = [...new Set(rows.map((row) => row.turnId))].map(
    (id, index): TurnRecord => ({ id, tabId, startedAt: index, endedAt: index + 1, endReason: "done" }),
  );
  await store.write([
    { op: "tab", tab: { id: tabId, title: "Old", createdAt: 1, position, draft: "" } },
    ...turns.map((turn) => ({ op: "turn", turn }) as const),
  ]);
  for (let at = 0; at < rows.length; at += BATCH) await store.write([{ op: "rows", rows: rows.slice(at, at + BATCH) }]);
  await store.close();
}

/** One turn with as many steps as make `count` rows: what the agent says, a command, its result. */
export function giantTurn(count: number, tabId: string): readonly Row[] {
  const log = rowLog(tabId);
  log.turn("Do very many things");
  for (let step = 1; log.rows.length < count; step++) {
    log.step().text(`Step ${step}. ${"Some words about it. ".repeat(step % 7)}`);
    log.call(`c${step}`, "run_shell", JSON.stringify({ command: `make part-${step}` }));
    log.result(`c${step}`, `part ${step} is made\n`, { summary: "exit 0" });
  }
  return log.rows.slice(0, count);
}

/** Turns with so many reading calls each, which the view folds into one line. */
export function foldedTurns(turns: number, calls: number, tabId: string): readonly Row[] {
  const log = rowLog(tabId);
  for (let turn = 1; turn <= turns; turn++) {
    log.turn(`Question ${turn}.`);
    log.step().text("I look.");
    for (let n = 0; n < calls; n++) log.call(`${turn}.${n}`, "list_files", "{}");
    for (let n = 0; n < calls; n++) log.result(`${turn}.${n}`, "a.ts", { summary: "1 file" });
    log.step().text(`Answer ${turn}. ${"A line to scroll through.\n\n".repeat(12)}`);
  }
  return log.rows;
}

/**
 * Turns as they are in daily work, `count` rows of them: a thought, files read together, a command, an answer.
 * @param thinks without thoughts a turn can go on from them: a server takes back only those that it has signed.
 */
export function dailyTurns(count: number, tabId: string, thinks = true): readonly Row[] {
  const log = rowLog(tabId);
  for (let turn = 1; log.rows.length < count; turn++) {
    log.turn(`Question ${turn}: why is part ${turn} slow, and what can be done?`, ["Today is Sunday."]);
    log.step();
    if (thinks) log.thinking(`I look at part ${turn} first. `.repeat(6));
    log.text("I read the files first.");
    for (const n of [1, 2, 3]) log.call(`${turn}r${n}`, "read_file", `{"path": "src/part-${turn}/file-${n}.ts"}`);
    for (const n of [1, 2, 3]) log.result(`${turn}r${n}`, "export const a = 1;\n".repeat(40), { summary: "40 lines" });
    log.step().text(`The cause is in \`src/part-${turn}/file-2.ts:12\`.`);
    log.call(`${turn}s`, "run_shell", `{"command": "npm test -- --grep 'part ${turn}'"}`);
    log.result(`${turn}s`, "34 passing\n".repeat(20), { summary: "exit 0" });
    log.step().text(ANSWER);
  }
  return log.rows.slice(0, count);
}

const ANSWER = `It starts **faster** now. I changed three things:

1. \`src/engine.ts:42\` loads plug-ins on first use
2. The cache is keyed by content
3. Nothing else, see [the notes](docs/notes.md#L12)

\`\`\`ts
export async function load(name: string, limit = 42): Promise<Plugin | undefined> {
  const found = cache.get(name);
  return found !== undefined && found.ready ? found : undefined;
}
\`\`\`

| part | before | after |
|---|---:|---:|
| loader | 1,900 ms | 400 ms |
`;
