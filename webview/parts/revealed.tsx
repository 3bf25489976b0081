import { reveal } from "../text/reveal";

/** Text with everything invisible made visible, always left to right: for what somebody has to judge. */
export function Revealed({ text }: { readonly text: string }) {
  return (
    <bdo dir="ltr">
      {reveal(text).map((segment) => {
        switch (segment.kind) {
          case "plain":
            return segment.text;
          case "foreign":
            return (
              <span class="foreign" title="Not ASCII: may look like another letter">
                {segment.text}
              </span>
            );
          default:
            return <span class="hidden-mark">{segment.label}</span>;
        }
      })}
    </bdo>
  );
}
