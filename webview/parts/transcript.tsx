import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TabState } from "../../src/chunks/protocol";
import type { TabView } from "../../src/chunks/view";
import { follow, following, noteScroll, stick } from "../following";
import type { Section } from "../items";
import { keepPlace, placeOf } from "../places";
import { distanceToEnd, readAnchor, restoreAnchor } from "../scroll";
import { activeSections, activeTab, activeView, isRunning, trim, view } from "../state";
import { post } from "../vscode";
import { Approval } from "./approval";
import { Empty } from "./empty";
import { Icon } from "./icon";
import { moveFocus } from "./navigation";
import { ActivityLine, Elsewhere } from "./status";
import { type Heading, headingOf, StickyHeading } from "./sticky";
import { Turn } from "./turn";

/** Pixels from the top at which scrolling up asks for the next page. */
const LOAD_AHEAD = 400;

/** The conversation: turns, newest last. Empty until the tab's window has come. */
export function Transcript() {
  const tab = activeTab.value;
  const loaded = activeView.value;
  return tab === undefined || loaded === undefined ? (
    <div class="transcript-frame" />
  ) : (
    <Log tab={tab} loaded={loaded} />
  );
}

function Log({ tab, loaded }: { readonly tab: TabState; readonly loaded: TabView }) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [heading, setHeading] = useState<Heading>();
  const readHeading = useCallback(() => {
    const found = scroller.current === null ? undefined : headingOf(scroller.current);
    setHeading((before) => (before?.seq === found?.seq ? before : found));
  }, []);
  useSteadyPosition(scroller, content, tab.id, loaded);
  const onScroll = useScrolling(scroller, tab.id, loaded, readHeading);
  return (
    <div class="transcript-frame">
      <div
        ref={scroller}
        class="transcript"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the transcript scrolls and is walked through by keyboard
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={(event) => scroller.current !== null && moveFocus(event, scroller.current)}
      >
        <div ref={content} class="column">
          <Contents tab={tab} loaded={loaded} />
        </div>
      </div>
      {heading !== undefined && <StickyHeading heading={heading} scroller={scroller} />}
      {!following.value && (
        <button type="button" class="jump" onClick={() => jump(scroller.current)}>
          <Icon name="arrow-down" /> Jump to latest
        </button>
      )}
    </div>
  );
}

function Contents({ tab, loaded }: { readonly tab: TabState; readonly loaded: TabView }) {
  const turns = activeSections.value;
  const { setup } = view.value;
  const { live, approvals } = loaded;
  const running = isRunning.value;
  const isLiveKnown = live === undefined || turns.some((turn) => turn.turnId === live.turnId);
  const newest = isLiveKnown ? turns.at(-1)?.turnId : live.turnId;
  const calls = new Set(loaded.rows.flatMap((row) => (row.type === "tool_call" ? [row.data.callId] : [])));
  if (turns.length === 0 && live === undefined && setup !== undefined) {
    return <Empty tab={tab} setup={setup} />;
  }
  return (
    <>
      {loaded.hasOlder && (
        <button type="button" class="text-button older" onClick={() => loadOlder(tab.id, loaded)}>
          Load older messages
        </button>
      )}
      {(isLiveKnown ? turns : [...turns, beginning(live.turnId)]).map((section) => (
        <Turn
          key={section.turnId}
          tab={tab.id}
          section={section}
          live={live?.turnId === section.turnId ? live : undefined}
          cards={section.turnId === newest ? approvals : NONE}
          open={running && section.turnId === newest}
          resumable={tab.resumable === true && section.turnId === newest}
          summary={loaded.turns.find((turn) => turn.turnId === section.turnId)}
        />
      ))}
      {approvals
        .filter((card) => !calls.has(card.callId))
        .map((card) => (
          <Approval key={card.id} card={card} />
        ))}
      {tab.elsewhere === true ? <Elsewhere /> : <ActivityLine activity={tab.activity} />}
      <Unfinished tab={tab} />
    </>
  );
}

/** A turn that streams before any of its rows are here. */
function beginning(turnId: string): Section {
  return { turnId, rows: [], messages: [] };
}

const NONE: TabView["approvals"] = [];

/** A turn that was interrupted can go on; one that ended with an error has its button there. */
function Unfinished({ tab }: { readonly tab: TabState }) {
  const { unfinished } = tab;
  if (unfinished === undefined || isRunning.value) {
    return null;
  }
  return (
    <div class="unfinished">
      <span dir="auto">{unfinished.message}</span>
      <button type="button" class="button secondary" onClick={() => post({ type: "resume", tab: tab.id })}>
        Resume
      </button>
    </div>
  );
}

function loadOlder(tab: string, loaded: TabView): void {
  const before = loaded.rows[0]?.seq;
  if (before !== undefined) {
    post({ type: "loadOlder", tab, before });
  }
}

function jump(scroller: HTMLElement | null): void {
  follow();
  if (scroller !== null) {
    stick(scroller);
  }
}

/** Follows the end, or keeps what is read in place: over growth, older pages, changes of size and of the tab. */
function useSteadyPosition(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  tab: string,
  loaded: TabView,
): void {
  const first = loaded.rows[0]?.seq;
  const before = useRef({ tab: "", first, fromEnd: 0 });
  // Before the page changes: how far the reader is from the end, which older rows don't change.
  if (scroller.current !== null && before.current.first !== first) {
    before.current.fromEnd = scroller.current.scrollHeight - scroller.current.scrollTop;
  }
  useLayoutEffect(() => {
    const box = scroller.current;
    const { tab: oldTab, first: oldFirst, fromEnd } = before.current;
    before.current = { tab, first, fromEnd };
    if (box === null) {
      return;
    }
    if (oldTab !== tab) {
      restore(box);
    } else if (following.value) {
      stick(box);
    } else if (oldFirst !== undefined && oldFirst !== first) {
      box.scrollTop = box.scrollHeight - fromEnd;
    }
  });
  useEffect(() => {
    const box = scroller.current;
    const column = content.current;
    if (box === null || column === null) {
      return;
    }
    const observer = new ResizeObserver(() => stick(box));
    observer.observe(box);
    observer.observe(column);
    return () => observer.disconnect();
  }, [scroller, content]);
}

function restore(box: HTMLElement): void {
  const anchor = activeTab.value === undefined ? undefined : placeOf(activeTab.value);
  following.value = anchor === undefined || !restoreAnchor(box, anchor);
  stick(box);
}

/** What a scroll by the reader leads to, once a frame. */
function useScrolling(
  scroller: RefObject<HTMLDivElement | null>,
  tab: string,
  loaded: TabView,
  readHeading: () => void,
): () => void {
  const asked = useRef<number | undefined>(undefined);
  const frame = useRef(0);
  const now = useRef({ tab, loaded });
  now.current = { tab, loaded };
  useEffect(readHeading, [loaded.rows, readHeading]);
  return useCallback(() => {
    const box = scroller.current;
    if (box === null) {
      return;
    }
    noteScroll(box);
    if (frame.current === 0) {
      frame.current = requestAnimationFrame(() => {
        frame.current = 0;
        const { tab: id, loaded: rows } = now.current;
        readHeading();
        remember(box);
        const first = rows.rows[0]?.seq;
        if (rows.hasOlder && box.scrollTop < LOAD_AHEAD && !following.value && asked.current !== first) {
          asked.current = first;
          loadOlder(id, rows);
        }
        if (following.value && distanceToEnd(box) < 2) {
          asked.current = undefined;
          trim();
        }
      });
    }
  }, [scroller, readHeading]);
}

function remember(box: HTMLElement): void {
  const tab = activeTab.value;
  if (tab !== undefined) {
    keepPlace(tab, following.value ? undefined : readAnchor(box), view.value.tabs);
  }
}
