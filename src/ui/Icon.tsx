/** Strokes on a 16 by 16 grid, drawn for this page. */
const PATHS = {
  play: "M5 3.2v9.6l8-4.8z",
  pause: "M5 3v10M11 3v10",
  stepForward: "M4 3.5v9l6-4.5zM12 3.5v9",
  stepBack: "M12 3.5v9l-6-4.5zM4 3.5v9",
  toStart: "M13 3.5v9l-5-4.5zM8 3.5v9l-5-4.5zM2.5 3v10",
  nextMark: "M2 4.5v7L7.5 8zM12 4.8 15 8l-3 3.2L9 8z",
  previousMark: "M14 4.5v7L8.5 8zM4 4.8 7 8l-3 3.2L1 8z",
  power: "M8 2v5.5M4.6 4.2a5.2 5.2 0 1 0 6.8 0",
  reboot: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3.2h-3.2",
  undo: "M6 2.5 3 5.5l3 3M3 5.5h6.5a3.7 3.7 0 0 1 0 7.4H5",
  skull: "M5 13v-2.5A4.8 4.8 0 1 1 11 10.5V13zM6.2 7.5h.1M9.7 7.5h.1M8 13v-1.5",
  cut: "M8 1.5v13M5.5 4.5l-3.5 3.5 3.5 3.5M10.5 4.5l3.5 3.5-3.5 3.5",
  heal: "M2 8h12M5 5 2 8l3 3M11 5l3 3-3 3",
  write: "M3 13l.6-3 7-7 2.4 2.4-7 7zM9.5 4.2l2.4 2.4",
  clock: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2.2 1.5",
  bug: "M5.5 6.5a2.5 2.5 0 0 1 5 0v4a2.5 2.5 0 0 1-5 0zM2.5 5l2.7 1.7M13.5 5l-2.7 1.7M2 9h3.5M10.5 9H14M2.5 13l3-2M13.5 13l-3-2M6 4.3 5 2.5M10 4.3l1-1.8",
  folder: "M2 4.5h4l1.5 1.7H14V13H2z",
  book: "M3 2.5h8.5a1.5 1.5 0 0 1 1.5 1.5v9.5H4.5A1.5 1.5 0 0 1 3 12zM3 12a1.5 1.5 0 0 1 1.5-1.5H13",
  twin: "M2 3h5v10H2zM9 3h5v10H9z",
  share:
    "M11 5.5a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM11 14a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM4.5 9.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM6 7.2l3.6-2.3M6 8.8l3.6 2.3",
  help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.2 6.3a1.8 1.8 0 1 1 2.5 1.7c-.5.2-.7.5-.7 1.1M8 11.3v.1",
  sun: "M8 5.2a2.8 2.8 0 1 0 .01 0M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13 9.7A5.5 5.5 0 0 1 6.3 3 5.5 5.5 0 1 0 13 9.7z",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.2 3.2L13 4.8",
  cross: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  differ: "M3 6h10M3 10h10M10.5 3l-5 10",
  promise: "M6.5 11.5H5a3.5 3.5 0 0 1 0-7h1.5M9.5 4.5H11a3.5 3.5 0 0 1 0 7H9.5M8.8 1.8 7.2 14.2",
  cracked: "M2.5 3.5h11v9h-11zM8.5 3.5 6.8 6.6l2.6 2.2-1.7 3.7",
  gone: "M8 2.5a5.5 5.5 0 1 0 .01 0M5.3 8h5.4",
  warning: "M8 2.5 14.3 13.5H1.7zM8 6.5v3.3M8 11.7v.1",
  down: "M4 6.5l4 4 4-4",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  download: "M8 2.5v7.5M5 7.2l3 3 3-3M2.5 13.5h11",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  flush: "M8 2v6.5M5.5 6 8 8.5 10.5 6M2.5 11h11M2.5 13.7h11",
  saved: "M3 3h8l2 2v8H3zM5.5 3v3.5h4V3M5.5 13v-3.5h5V13",
  grave: "M4.5 14V6.5a3.5 3.5 0 0 1 7 0V14M3 14h10M8 6.5v4M6.5 8h3",
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration: what it means stands beside it or in the label of its button. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
