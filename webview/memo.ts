import { Component, type ComponentChild, type FunctionComponent, h } from "preact";

/** A component that is drawn again only when one of its props is another object: the log's parts keep their identity. */
export function memo<Props extends object>(draw: FunctionComponent<Props>) {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const before = Object.entries(this.props);
      const after = Object.entries(next);
      const old = new Map(before);
      return before.length !== after.length || after.some(([name, value]) => old.get(name) !== value);
    }
    override render(): ComponentChild {
      return h(draw, this.props);
    }
  };
}
