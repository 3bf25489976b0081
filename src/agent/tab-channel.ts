/** What the views of a tab are told: numbered events, and the live tail that a view which comes later starts from. */
import { applyLive, settleLive } from "../chunks/live";
import type { ApprovalCard, Live, LiveEvent, TabEvent, TurnSummary } from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import { createLiveOut } from "./live";

export type TabChannel = {
  /** The number of the last event. */
  readonly rev: () => number;
  readonly live: () => Live | undefined;
  readonly rows: (rows: readonly Row[]) => void;
  readonly turn: (turn: TurnSummary) => void;
  readonly cards: (cards: readonly ApprovalCard[]) => void;
  readonly push: (event: LiveEvent) => void;
  readonly dispose: () => void;
};

export function createTabChannel(tab: string, send: (event: TabEvent) => void): TabChannel {
  let rev = 0;
  let live: Live | undefined;
  const out = createLiveOut((event) => {
    live = applyLive(live, event);
    rev += 1;
    send({ type: "live", tab, rev, event });
  });
  return {
    rev: () => rev,
    live: () => live,
    rows(rows) {
      out.flush();
      live = settleLive(live, rows);
      rev += 1;
      send({ type: "rows", tab, rev, rows });
    },
    turn(turn) {
      out.flush();
      rev += 1;
      send({ type: "turn", tab, rev, turn });
    },
    cards(cards) {
      out.flush();
      rev += 1;
      send({ type: "approvals", tab, rev, cards });
    },
    push: out.push,
    dispose: out.dispose,
  };
}
