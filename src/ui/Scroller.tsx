import type { ReactNode, Ref } from "react";

interface Props {
  /** What is in it, for those who cannot see it scroll. */
  readonly label: string;
  readonly className: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** A part of the page that scrolls by itself, by keyboard too. */
export function Scroller({ label, className, ref, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls and holds no control must take the focus itself
    <section className={className} aria-label={label} tabIndex={0} {...(ref ? { ref } : {})}>
      {children}
    </section>
  );
}
