/** Points as people write them: at most two decimals. */
export function formatPoints(points: number): string {
  return String(Math.round(points * 100) / 100);
}
