/** What is read stays where it is: while pages come and go, over a reload, and when another tab comes to the front. */
import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { isAtEnd, type TabView } from "../src/chunks/view";
import { follow, following, measure, noteScroll, stick } from "./following";
import { keepPlace, placeOf } from "./places";
import {
  distanceToEnd,
  keepSpots,
  readAnchor,
  readReading,
  readSpots,
  restoreAnchor,
  type Spot,
  wayFrom,
} from "./scroll";
import { activeTab, setReader, view } from "./state";
import { post } from "./vscode";

/** Pixels from an end of what is loaded at which scrolling towards it asks for the next page. */
const LOAD_AHEAD = 400;

/** Follows the end, or keeps what is read in place: over growth, pages that come and go, changes of size and of the tab. */
export function useSteadyPosition(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  tab: string,
  loaded: TabView,
): void {
  const drawn = useRef<{ readonly tab: string; readonly rows: TabView["rows"] }>({ tab: "", rows: [] });
  const spots = useRef<readonly Spot[]>([]);
  /** The row that was asked for, to go back to it. */
  const asked = useRef<number | undefined>(undefined);
  const isNewTab = drawn.current.tab !== tab;
  const now = useRef(loaded);
  now.current = loaded;
  // Before the page changes.
  if (scroller.current !== null && !isNewTab && !following.value && drawn.current.rows !== loaded.rows) {
    spots.current = readSpots(scroller.current);
  }
  useLayoutEffect(() => {
    const box = scroller.current;
    const held = spots.current;
    const changed = drawn.current.rows !== loaded.rows;
    drawn.current = { tab, rows: loaded.rows };
    spots.current = [];
    if (box === null) {
      return;
    }
    if (isNewTab) {
      asked.current = undefined;
    }
    const isKept = changed && !following.value && keepSpots(box, held);
    if (isKept) {
      measure(box);
    } else if (isNewTab || (changed && !following.value)) {
      asked.current = restore(box, tab, loaded, asked.current);
    } else {
      settle(box, loaded);
    }
  });
  useEffect(() => {
    const box = scroller.current;
    const column = content.current;
    if (box === null || column === null) {
      return;
    }
    setReader(() => readReading(box));
    const observer = new ResizeObserver(() => settle(box, now.current));
    observer.observe(box);
    observer.observe(column);
    return () => {
      observer.disconnect();
      setReader(() => undefined);
    };
  }, [scroller, content]);
}

/**
 * Keeps to the end, and takes hold of it where nothing is left to scroll: then the reader sees it, whatever they did before. No
 * scrolling tells of that, so it is remembered here.
 */
function settle(box: HTMLElement, loaded: TabView): void {
  const fits = box.scrollHeight <= box.clientHeight;
  if (!following.value && fits && !loaded.hasOlder && isAtEnd(loaded)) {
    follow();
  }
  stick(box);
  if (following.value && activeTab.value !== undefined && placeOf(activeTab.value) !== undefined) {
    remember(box);
  }
}

/**
 * Goes to where the reader was, else to the end. What is not loaded is asked for, once.
 * @param asked what was asked for already. @returns what is asked for now.
 */
function restore(box: HTMLElement, tab: string, loaded: TabView, asked: number | undefined): number | undefined {
  const anchor = activeTab.value === undefined ? undefined : placeOf(activeTab.value);
  const first = loaded.rows[0]?.seq ?? 0;
  const isLoaded = anchor !== undefined && anchor.seq >= first && anchor.seq <= loaded.upTo;
  if (anchor === undefined || anchor.seq > loaded.lastSeq || (!isLoaded && asked === anchor.seq)) {
    following.value = true;
    stick(box);
    return undefined;
  }
  following.value = false;
  if (isLoaded) {
    restoreAnchor(box, anchor);
    measure(box);
    return undefined;
  }
  post({ type: "loadAround", tab, seq: anchor.seq });
  return anchor.seq;
}

type Shown = { readonly tab: string; readonly loaded: TabView };

/** What a scroll by the reader leads to, once a frame. */
export function useScrolling(
  scroller: RefObject<HTMLDivElement | null>,
  shown: Shown,
  readHeading: () => void,
  load: (tab: string, loaded: TabView, which: "older" | "newer") => void,
): () => void {
  const asked = useRef<TabView["rows"] | undefined>(undefined);
  const seen = useRef<readonly Spot[]>([]);
  const frame = useRef(0);
  const hasMoved = useRef(false);
  const way = useRef<"up" | "down" | undefined>(undefined);
  const now = useRef(shown);
  now.current = shown;
  useEffect(readHeading, [shown.loaded.rows, readHeading]);
  useEffect(() => {
    const { tab, loaded } = shown;
    const before = loaded.rows[0]?.seq;
    if (scroller.current !== null && before !== undefined && isShort(scroller.current, loaded)) {
      post({ type: "loadOlder", tab, before });
    }
  }, [scroller, shown.tab, shown.loaded.rows]);
  return useCallback(() => {
    const box = scroller.current;
    if (box === null) {
      return;
    }
    const moved = noteScroll(box, isAtEnd(now.current.loaded));
    hasMoved.current ||= moved !== undefined;
    if (frame.current === 0) {
      frame.current = requestAnimationFrame(() => {
        frame.current = 0;
        const { tab, loaded } = now.current;
        readHeading();
        if (hasMoved.current || following.value) {
          remember(box);
        }
        hasMoved.current = false;
        way.current = (seen.current.length === 0 ? moved : wayFrom(box, seen.current)) ?? way.current;
        seen.current = readSpots(box);
        const which = nextPage(box, loaded, way.current);
        if (which !== undefined && asked.current !== loaded.rows) {
          asked.current = loaded.rows;
          load(tab, loaded, which);
        }
      });
    }
  }, [scroller, readHeading, load]);
}

/** What is loaded does not fill the view, as where many calls are folded into one line: there is nothing to scroll. */
function isShort(box: HTMLElement, { rows, hasOlder }: TabView): boolean {
  const most = view.value.setup?.rowsInView ?? 0;
  return following.value && hasOlder && rows.length <= most / 2 && box.scrollHeight <= box.clientHeight;
}

/**
 * The page that the reader comes near to: few pixels are left, and few rows, as there may be many in a line. Only in the direction in
 * which they go: else a page that comes at one end would fetch back what went at the other.
 */
function nextPage(box: HTMLElement, loaded: TabView, way: "up" | "down" | undefined): "older" | "newer" | undefined {
  const reading = following.value ? undefined : readReading(box);
  if (reading === undefined) {
    return undefined;
  }
  const page = (view.value.setup?.rowsInView ?? 0) / 2;
  const { rows, hasOlder } = loaded;
  if (way === "up" && hasOlder && box.scrollTop < LOAD_AHEAD) {
    return rows.filter((row) => row.seq < reading.from).length < page ? "older" : undefined;
  }
  if (way === "down" && !isAtEnd(loaded) && distanceToEnd(box) < LOAD_AHEAD) {
    return rows.filter((row) => row.seq > reading.to).length < page ? "newer" : undefined;
  }
  return undefined;
}

function remember(box: HTMLElement): void {
  const tab = activeTab.value;
  if (tab !== undefined) {
    keepPlace(tab, following.value ? undefined : readAnchor(box), view.value.tabs);
  }
}
