import { useEffect, useState } from "preact/hooks";
import { isAtEnd } from "../../src/chunks/view";
import { batch, openBatch } from "../batch";
import { activeAsks, activeView, toEnd } from "../state";
import { revealText } from "../text/reveal";
import { plural } from "../words";
import { allKey } from "./choice";
import { Icon } from "./icon";

/** Questions that wait out of sight, or several: one line above the composer that leads to them. */
export function Pinned() {
  const loaded = activeView.value;
  const asks = activeAsks.value.map(({ id, question }) => ({ id, title: question }));
  const cards = [...asks, ...(loaded?.approvals ?? [])];
  /** The reader is in the history: questions stand at the end, which is not loaded. */
  const isAway = loaded !== undefined && !isAtEnd(loaded);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const ids = cards.map((card) => card.id).join(" ");
  useEffect(() => {
    setHidden(new Set());
    const observer = new IntersectionObserver((entries) => {
      setHidden((before) => {
        const after = new Set(before);
        for (const { target, isIntersecting } of entries) {
          const id = target.getAttribute("data-approval") ?? "";
          if (isIntersecting) {
            after.delete(id);
          } else {
            after.add(id);
          }
        }
        return after;
      });
    });
    for (const element of document.querySelectorAll("[data-approval]")) {
      observer.observe(element);
    }
    return () => observer.disconnect();
  }, [ids, isAway]);
  const waiting = isAway ? cards : cards.filter((card) => hidden.has(card.id));
  const first = waiting[0];
  const count = loaded?.approvals.length ?? 0;
  if (batch.value !== undefined || (first === undefined && count < 2)) {
    return null;
  }
  return (
    <div class="pinned">
      <Icon name="warning" />
      <span class="pinned-title">
        {first === undefined ? plural(count, "question") : revealText(first.title)}
        {waiting.length > 1 && <span class="dim"> and {waiting.length - 1} more</span>}
      </span>
      <span class="pinned-acts">
        {count > 1 && (
          <button type="button" class="button secondary" title={`Look through all (${allKey})`} onClick={openBatch}>
            Answer all…
          </button>
        )}
        {first !== undefined && (
          <button type="button" class="button" onClick={() => (isAway ? toEnd() : show(first.id))}>
            Show
          </button>
        )}
      </span>
    </div>
  );
}

function show(id: string): void {
  const card = document.querySelector<HTMLElement>(`[data-approval="${CSS.escape(id)}"]`);
  card?.scrollIntoView({ block: "nearest" });
  card?.focus({ preventScroll: true });
}
