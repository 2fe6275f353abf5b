/** Fills that every stage uses. Each drawing has its own copy, under one name: they are all the same. */
export function Patterns() {
  return (
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">
        <path className="hatch-line" d="M-1.5 1.5l3-3M0 6l6-6M4.5 7.5l3-3" />
      </pattern>
    </defs>
  );
}
