import type { HTMLAttributes, ReactNode, Ref } from "react";

interface Props
  extends Pick<HTMLAttributes<HTMLElement>, "onWheel" | "onPointerLeave" | "onKeyDown" | "onBlur"> {
  /** What is in it, for those who cannot see it scroll. */
  readonly label: string;
  readonly className: string;
  readonly ref?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** A part of the page that scrolls by itself, by keyboard too. */
export function Scroller({ label, className, ref, children, ...handlers }: Props) {
  return (
    <section
      className={className}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls and holds no control must take the focus itself
      tabIndex={0}
      {...handlers}
      {...(ref ? { ref } : {})}
    >
      {children}
    </section>
  );
}
