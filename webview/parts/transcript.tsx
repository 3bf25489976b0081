import { useCallback, useRef, useState } from "preact/hooks";
import type { TabState } from "../../src/chunks/protocol";
import { isAtEnd, type TabView } from "../../src/chunks/view";
import { batch } from "../batch";
import { following, letGo, stick } from "../following";
import type { Section } from "../items";
import { activeSections, activeTab, activeView, isRunning, toEnd, view } from "../state";
import { useScrolling, useSteadyPosition } from "../steady";
import { post } from "../vscode";
import { Approval } from "./approval";
import { Batch } from "./batch";
import { Empty } from "./empty";
import { Icon } from "./icon";
import { moveFocus } from "./navigation";
import { ActivityLine, Elsewhere } from "./status";
import { type Heading, headingOf, StickyHeading } from "./sticky";
import { Turn } from "./turn";

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
  const onScroll = useScrolling(scroller, { tab: tab.id, loaded }, readHeading, loadPage);
  return (
    <div class="transcript-frame">
      <div
        ref={scroller}
        class="transcript"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        inert={batch.value !== undefined}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the transcript scrolls and is walked through by keyboard
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={(event) => scroller.current !== null && moveFocus(event, scroller.current)}
      >
        <div ref={content} class="column">
          <Contents tab={tab} loaded={loaded} />
        </div>
      </div>
      <Batch />
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
  const isEnd = isAtEnd(loaded);
  // What goes on now stands at the end, which may not be loaded.
  const live = isEnd ? loaded.live : undefined;
  const approvals = isEnd ? loaded.approvals : NONE;
  const running = isRunning.value;
  const isLiveKnown = live === undefined || turns.some((turn) => turn.turnId === live.turnId);
  const newest = isLiveKnown ? turns.at(-1)?.turnId : live.turnId;
  const calls = new Set(loaded.rows.flatMap((row) => (row.type === "tool_call" ? [row.data.callId] : [])));
  if (turns.length === 0 && live === undefined && setup !== undefined) {
    return <Empty tab={tab} setup={setup} />;
  }
  return (
    <>
      {loaded.hasOlder && <PageButton tab={tab.id} loaded={loaded} which="older" />}
      {(isLiveKnown ? turns : [...turns, beginning(live.turnId)]).map((section) => (
        <Turn
          key={section.turnId}
          tab={tab.id}
          section={section}
          live={live?.turnId === section.turnId ? live : undefined}
          cards={section.turnId === newest ? approvals : NONE}
          open={(running || !isEnd) && section.turnId === newest}
          resumable={isEnd && tab.resumable === true && section.turnId === newest}
          summary={loaded.turns.find((turn) => turn.turnId === section.turnId)}
        />
      ))}
      {approvals
        .filter((card) => !calls.has(card.callId))
        .map((card) => (
          <Approval key={card.id} card={card} />
        ))}
      {isEnd ? (
        <>
          {tab.elsewhere === true ? <Elsewhere /> : <ActivityLine tab={tab.id} activity={tab.activity} />}
          <Unfinished tab={tab} />
        </>
      ) : (
        <PageButton tab={tab.id} loaded={loaded} which="newer" />
      )}
    </>
  );
}

/** A turn that streams before any of its rows are here. */
function beginning(turnId: string): Section {
  return { turnId, rows: [], messages: [], keys: [] };
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

function PageButton(props: { readonly tab: string; readonly loaded: TabView; readonly which: "older" | "newer" }) {
  const { tab, loaded, which } = props;
  const load = (button: HTMLElement) => {
    // Pressed again by a key, it can be out of sight: what is on the screen is what stays loaded.
    button.scrollIntoView({ block: "nearest" });
    loadPage(tab, loaded, which);
  };
  return (
    <button type="button" class={`text-button ${which}`} onClick={(event) => load(event.currentTarget)}>
      Load {which} messages
    </button>
  );
}

function loadPage(tab: string, loaded: TabView, which: "older" | "newer"): void {
  const before = loaded.rows[0]?.seq;
  if (before !== undefined) {
    letGo();
    post(which === "older" ? { type: "loadOlder", tab, before } : { type: "loadNewer", tab, after: loaded.upTo });
  }
}

function jump(scroller: HTMLElement | null): void {
  toEnd();
  if (scroller !== null) {
    stick(scroller);
  }
}
