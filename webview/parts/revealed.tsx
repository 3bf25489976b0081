import { reveal } from "../text/reveal";

/**
 * Text with everything invisible made visible, always left to right: for what somebody has to judge.
 * @param props.isCommand no line breaks behind the hyphens of an option: `rm -` and `rf` would read as two things
 */
export function Revealed({ text, isCommand = false }: { readonly text: string; readonly isCommand?: boolean }) {
  return (
    <bdo dir="ltr">
      {reveal(text).map((segment) => {
        switch (segment.kind) {
          case "plain":
            return isCommand ? <Unbroken text={segment.text} /> : segment.text;
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

function Unbroken({ text }: { readonly text: string }) {
  // Every second part is an option.
  const parts = text.split(/(?<=\s)(-[^\s]+)/);
  return <>{parts.map((part, at) => (at % 2 === 1 ? <span class="option">{part}</span> : part))}</>;
}
