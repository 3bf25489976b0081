import { useEffect, useRef, useState } from "preact/hooks";
import type { Activity, TabState } from "../../src/chunks/protocol";
import { assertNever } from "../../src/chunks/rows";
import { activeAsks, activeTab, activeView } from "../state";
import { post } from "../vscode";
import { duration } from "../words";
import { Icon } from "./icon";
import { useNow } from "./now";

/** For screen readers: what a glance at the view would tell. */
export function StatusLine() {
  const tab = activeTab.value;
  const ask = activeAsks.value[0];
  const card = activeView.value?.approvals[0];
  const waiting =
    ask !== undefined
      ? `The agent asks: ${ask.question}`
      : card !== undefined
        ? `Needs approval: ${card.title}`
        : undefined;
  const before = useRef<TabState | undefined>(undefined);
  const [words, setWords] = useState("");
  useEffect(() => {
    const previous = before.current;
    before.current = tab;
    if (tab === undefined || (previous?.id === tab.id && previous.status === tab.status && waiting === undefined)) {
      return;
    }
    const wasBusy = previous?.id === tab.id && previous.status !== "idle";
    setWords(announcement(tab, wasBusy, waiting));
  }, [tab, ask?.id, card?.id]);
  return (
    <p role="status" class="visually-hidden">
      {words}
    </p>
  );
}

function announcement(tab: TabState, wasBusy: boolean, waiting: string | undefined): string {
  switch (tab.status) {
    case "running":
      return tab.elsewhere === true ? "Working in another window" : "Working";
    case "needs-approval":
      return waiting ?? "Needs approval";
    case "error":
      return "Stopped with an error";
    case "idle":
      return wasBusy ? "Done" : "";
    default:
      return assertNever(tab.status);
  }
}

/** The quiet line at the transcript's end that says what is going on where nothing else shows it. */
export function ActivityLine({ tab, activity }: { readonly tab: string; readonly activity: Activity }) {
  switch (activity.kind) {
    case "waiting":
      return <Working words="Working" />;
    case "stopping":
      return <Working words="Stopping" />;
    case "retrying":
      return <Retrying key={activity.until} tab={tab} {...activity} />;
    case "idle":
    case "streaming":
    case "tools":
    case "approval":
      return null;
    default:
      return assertNever(activity);
  }
}

/** Its rows come as they are saved; what streams is seen in the window that runs it. */
export function Elsewhere() {
  return <Working words="Working in another window" />;
}

function Working({ words }: { readonly words: string }) {
  return (
    <p class="activity">
      <Icon name="loading" spin /> {words}…
    </p>
  );
}

function Retrying({
  tab,
  until,
  attempt,
  reason,
}: {
  readonly tab: string;
  readonly until: number;
  readonly attempt: number;
  readonly reason: string;
}) {
  const now = useNow(1000);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  const when = left === 0 ? "trying again" : `next try in ${left < 60 ? `${left} s` : duration(left * 1000)}`;
  return (
    <p class="activity">
      <Icon name="refresh" /> {reason.replace(/[.\s]+$/, "")}: {when}
      {attempt > 1 && ` (attempt ${attempt})`}{" "}
      {left > 0 && (
        <button type="button" class="text-button" onClick={() => post({ type: "retryNow", tab })}>
          Try now
        </button>
      )}
    </p>
  );
}
