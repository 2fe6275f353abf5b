/** A stretch of a file that is pointed at, or has the focus. */
export interface Place {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export function overlaps(place: Place | null, path: string, offset: number, length: number) {
  return (
    place !== null &&
    place.path === path &&
    place.offset < offset + length &&
    place.offset + place.length > offset
  );
}
