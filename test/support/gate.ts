/** A door that a test opens: what waits at it goes on then, and never by itself. */

export type Gate = {
  /** Resolves when the gate is open. */
  readonly opened: () => Promise<void>;
  readonly open: () => void;
};

export function createGate(): Gate {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened: () => opened, open };
}
