/** Who owns what must end. Every listener, provider and channel is pushed here in the expression that makes it. */

export interface Disposable {
  dispose(): unknown;
}

export interface DisposableList extends Disposable {
  /** Takes over the item and returns it. After `dispose` the item is disposed at once: a late arrival can't leak. */
  push<T extends Disposable>(item: T): T;
}

/** A list that disposes its items in reverse order, once. */
export function createDisposableList(): DisposableList {
  const items: Disposable[] = [];
  let disposed = false;
  return {
    push(item) {
      if (disposed) item.dispose();
      else items.push(item);
      return item;
    },
    dispose() {
      disposed = true;
      for (let item = items.pop(); item !== undefined; item = items.pop()) item.dispose();
    },
  };
}

/** A set of listeners; `on` returns the act that takes the listener off again. */
export function createListeners<T>(): {
  readonly on: (listener: (value: T) => void) => Disposable;
  readonly fire: (value: T) => void;
} {
  const listeners = new Set<(value: T) => void>();
  return {
    on(listener) {
      const own = (value: T) => listener(value);
      listeners.add(own);
      return { dispose: () => listeners.delete(own) };
    },
    fire(value) {
      for (const listener of [...listeners]) listener(value);
    },
  };
}
