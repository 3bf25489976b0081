/** Commands in the background: a line each above the composer, so that nothing runs unseen. */
import { useState } from "preact/hooks";
import type { JobState } from "../../src/chunks/protocol";
import { activeTab } from "../state";
import { revealText } from "../text/reveal";
import { post } from "../vscode";
import { minutes, plural } from "../words";
import { composerBox } from "./focus";
import { Icon, IconButton } from "./icon";
import { useNow } from "./now";

/** More than these are folded into one line. */
const SHOWN = 2;

export function Jobs() {
  const tab = activeTab.value;
  const jobs = tab?.jobs ?? [];
  const [open, setOpen] = useState(false);
  if (tab === undefined || jobs.length === 0) {
    return null;
  }
  const running = jobs.filter((job) => job.end === undefined).length;
  const isFolded = jobs.length > SHOWN && !open;
  return (
    <section class="jobs" aria-label="Background commands">
      {jobs.length > SHOWN && (
        <button type="button" class="jobs-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? "chevron-down" : "chevron-right"} />
          <span>
            {running === 0
              ? `${plural(jobs.length, "background command")} ended`
              : `${plural(running, "command")} in the background`}
          </span>
        </button>
      )}
      {!isFolded && (
        <ul>
          {jobs.map((job) => (
            <JobLine key={job.id} tab={tab.id} job={job} />
          ))}
        </ul>
      )}
    </section>
  );
}

function JobLine({ tab, job }: { readonly tab: string; readonly job: JobState }) {
  const { id, command, startedAt, end } = job;
  const shown = revealText(command);
  const stop = () => {
    post({ type: "stopJob", tab, id });
    composerBox()?.focus(); // the line goes
  };
  return (
    <li class="job" data-job={id}>
      {end === undefined ? <Icon name="loading" spin /> : <Icon name="terminal" />}
      <span class="job-words">
        <span class="job-kind">{end === undefined ? "In the background: " : "Ended in the background: "}</span>
        <code dir="ltr" title={shown}>
          {shown}
        </code>
        <span class="job-time">{end === undefined ? <Since at={startedAt} /> : end}</span>
      </span>
      <span class="job-actions">
        <IconButton icon="output" label="Show output" onClick={() => post({ type: "openJob", tab, id })} />
        {end === undefined && <IconButton icon="debug-stop" label={`Stop ${shown}`} onClick={stop} />}
      </span>
    </li>
  );
}

/** Minutes that a command has been running. */
function Since({ at }: { readonly at: number }) {
  const now = useNow(10_000);
  return <>{minutes(now - at)}</>;
}
