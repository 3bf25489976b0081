/** The message of the turn that is being read, one line at the top while it is scrolled out of sight itself. */
import type { RefObject } from "preact";

export type Heading = { readonly seq: string; readonly text: string };

/** @returns the person's message above the top edge whose turn reaches below it, or undefined. */
export function headingOf(scroller: HTMLElement): Heading | undefined {
  const top = scroller.getBoundingClientRect().top;
  const turn = [...scroller.querySelectorAll<HTMLElement>("section.turn")].findLast(
    (section) => section.getBoundingClientRect().top < top,
  );
  if (turn === undefined || turn.getBoundingClientRect().bottom < top + 48) {
    return undefined;
  }
  const message = [...turn.querySelectorAll<HTMLElement>("article.user")].findLast(
    (article) => article.getBoundingClientRect().bottom < top + 4,
  );
  const text = message?.querySelector(".user-text")?.textContent?.trim() ?? "";
  const seq = message?.dataset.seq;
  return seq === undefined || text === "" ? undefined : { seq, text };
}

export function StickyHeading(props: { readonly heading: Heading; readonly scroller: RefObject<HTMLElement | null> }) {
  const { heading, scroller } = props;
  const show = () => {
    const article = scroller.current?.querySelector<HTMLElement>(`article[data-seq="${CSS.escape(heading.seq)}"]`);
    article?.scrollIntoView({ block: "start" });
    article?.focus({ preventScroll: true });
  };
  return (
    <button type="button" class="sticky" title="Scroll to this message" onClick={show}>
      <span dir="auto">{heading.text.split("\n", 1)[0]}</span>
    </button>
  );
}
