/** A window of a log shows what the same part of the whole log shows, as far as it can know, wherever it is cut. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { group, mergeRows } from "../../src/chunks/group";
import type { Message, Part } from "../../src/chunks/messages";
import type { Row } from "../../src/chunks/rows";
import { type RowLog, rowLog } from "../support/rows";

/** What happens in one step. Every text is the number of its row, so that each is found again. */
type Step = {
  readonly thinks: boolean;
  readonly says: boolean;
  readonly calls: number;
  /** The order in which results come; those behind `answered` never do, or in the next turn's place not at all. */
  readonly order: readonly number[];
  readonly answered: number;
  readonly steers: number;
  /** At which places, before, among and behind the rows of the step, a system row stands. */
  readonly notices: readonly number[];
  readonly end: "on" | "interrupted" | "error";
};
type Turn = { readonly context: boolean; readonly steps: readonly Step[] };

const anyStep: fc.Arbitrary<Step> = fc.record({
  thinks: fc.boolean(),
  says: fc.boolean(),
  calls: fc.nat(4),
  order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
  answered: fc.integer({ min: 0, max: 6 }),
  steers: fc.nat(2),
  notices: fc.array(fc.nat(10), { maxLength: 3 }),
  end: fc.constantFrom("on", "on", "on", "interrupted", "error"),
});
const anyTurns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record({ context: fc.boolean(), steps: fc.array(anyStep, { maxLength: 4 }) }),
  { minLength: 1, maxLength: 4 },
);

function written(turns: readonly Turn[]): readonly Row[] {
  const log = rowLog();
  for (const { context, steps } of turns) {
    log.turn(next(log, context ? 1 : 0), context ? [next(log)] : []);
    for (const step of steps) writeStep(log, step);
  }
  return log.rows;
}

function writeStep(log: RowLog, { thinks, says, calls, order, answered, steers, notices, end }: Step): void {
  log.step();
  const id = `c${log.rows.length}`;
  const left = new Set(order.filter((index) => index < calls).slice(0, answered));
  const acts = [
    ...(thinks ? [() => log.thinking(next(log))] : []),
    ...(says ? [() => log.text(next(log))] : []),
    ...Array.from({ length: calls }, (_, index) => () => log.call(`${id}.${index}`, "read_file", next(log))),
    ...[...left].map((index) => () => log.result(`${id}.${index}`, next(log))),
    ...Array.from({ length: steers }, () => () => log.steer(next(log))),
  ];
  for (const [place, act] of acts.entries()) {
    if (notices.includes(place)) log.system("notice", next(log));
    act();
  }
  if (end === "interrupted") log.system("interrupted", next(log)).system("resumed", next(log));
  if (end === "error") log.error("failed", next(log));
}

/** The text of the row that comes next, or the one after it. */
const next = (log: RowLog, ahead = 0): string => `#${log.rows.length + 1 + ahead}`;

/** A message as the numbers of its rows. A call and its result are `call+result`; either may be missing. */
type Pieces = { readonly kind: Message["kind"]; readonly turnId: string; readonly pieces: readonly string[] };

function piecesOf(message: Message): Pieces {
  const { kind, turnId } = message;
  switch (kind) {
    case "user":
      return {
        kind,
        turnId,
        pieces: [...message.context, ...message.text.split("\n\n")].filter((text) => text !== ""),
      };
    case "system":
      return { kind, turnId, pieces: message.notices.map((notice) => notice.text) };
    case "agent":
      return { kind, turnId, pieces: message.parts.map(pieceOf) };
  }
}

function pieceOf(part: Part): string {
  switch (part.kind) {
    case "tool":
      return `${part.argumentsText ?? ""}+${part.result?.text ?? ""}`;
    case "error":
      return part.error.message;
    case "notice":
      return part.notice.text;
    default:
      return part.text;
  }
}

/** The part of a piece that the window has: a call may lose its result, a result its call. */
function within(piece: string, window: ReadonlySet<string>): string | undefined {
  const [call = "", result] = piece.split("+");
  if (result === undefined) return window.has(call) ? call : undefined;
  const kept = [call, result].map((half) => (window.has(half) ? half : ""));
  return kept.some((half) => half !== "") ? kept.join("+") : undefined;
}

const isOrphan = (piece: string): boolean => piece.startsWith("+");

/**
 * The whole's messages cut down to the window, without results whose calls are outside: those stand where the window
 * has them, which the whole does not say.
 */
function expected(all: readonly Message[], rows: readonly Row[]): readonly Pieces[] {
  const window = new Set(rows.map((row) => `#${row.seq}`));
  return all
    .map(piecesOf)
    .map((one) => ({ ...one, pieces: one.pieces.flatMap((piece) => within(piece, window) ?? []) }))
    .map(withoutOrphans)
    .filter(({ pieces }) => pieces.length > 0);
}

function withoutOrphans(one: Pieces): Pieces {
  return { ...one, pieces: one.pieces.filter((piece) => !isOrphan(piece)) };
}

describe("a window of the log", () => {
  const anyCut = fc.tuple(anyTurns, fc.nat(), fc.nat()).map(([turns, a, b]) => {
    const rows = written(turns);
    const [from, to] = [a % (rows.length + 1), b % (rows.length + 1)].sort((x, y) => x - y);
    return { rows, window: rows.slice(from, to), from: from ?? 0 };
  });

  it("shows every turn that is not cut at its beginning as the whole does", () => {
    fc.assert(
      fc.property(anyCut, ({ rows, window, from }) => {
        const cutTurn = rows[from - 1]?.turnId === window[0]?.turnId ? window[0]?.turnId : undefined;
        const others = (list: readonly Pieces[]) => list.filter(({ turnId }) => turnId !== cutTurn);
        assert.deepEqual(others(group(window).map(piecesOf)), others(expected(group(rows), window)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("shows of a turn that is cut at its beginning the same pieces in the same order, parted only where it can't know better", () => {
    fc.assert(
      fc.property(anyCut, ({ rows, window }) => {
        const shown = group(window).map(piecesOf);
        const whole = expected(group(rows), window);
        const flat = (list: readonly Pieces[]) =>
          list.flatMap(({ turnId, pieces }) => pieces.map((one) => [turnId, one]));
        assert.deepEqual(flat(shown.map(withoutOrphans)), flat(whole));

        const home = new Map(whole.flatMap((one, index) => one.pieces.map((piece) => [piece, index] as const)));
        const first = window[0]?.turnId;
        for (const [index, message] of shown.entries()) {
          const homes = new Set(message.pieces.flatMap((piece) => home.get(piece) ?? []));
          assert.ok(homes.size <= 1, "a message of the window lies within one of the whole");
          const [before] = shown.slice(index - 1, index === 0 ? 0 : index);
          const isParted = before?.pieces.some((piece) => homes.has(home.get(piece) ?? -1)) ?? false;
          if (!isParted || before === undefined) continue;
          const leads = before.kind === "system" && message.kind === "agent";
          assert.ok(message.turnId === first && (leads || [before, message].some(hasOrphan)), "parted for no reason");
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("is the whole again when its pages have come, in any order, also twice", () => {
    const anyPages = fc.tuple(
      anyTurns,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.infiniteStream(fc.nat()),
    );
    fc.assert(
      fc.property(anyPages, ([turns, sizes, picks]) => {
        const rows = written(turns);
        const pages: (readonly Row[])[] = [];
        for (let at = 0, n = 0; at < rows.length; n += 1) {
          const size = sizes[n % sizes.length] ?? 1;
          pages.push(rows.slice(at, at + size));
          at += size;
        }
        let merged: readonly Row[] = [];
        while (pages.length > 0) {
          const pick = (picks.next().value ?? 0) % pages.length;
          const page = pages[pick] ?? [];
          merged = mergeRows(merged, page);
          merged = mergeRows(merged, page);
          pages.splice(pick, 1);
        }
        assert.deepEqual(group(merged), group(rows));
      }),
    );
  });
});

const hasOrphan = ({ pieces }: Pieces): boolean => pieces.some(isOrphan);
