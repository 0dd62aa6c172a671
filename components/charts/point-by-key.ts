/** The point that a key leads to; null for keys that lead nowhere. */
export function pointByKey(key: string, index: number | null, count: number): number | null {
  const last = count - 1;
  switch (key) {
    case "ArrowLeft":
      return Math.max(0, (index ?? last + 1) - 1);
    case "ArrowRight":
      return Math.min(last, (index ?? -1) + 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
