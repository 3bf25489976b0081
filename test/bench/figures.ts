/** What a benchmark reports. Each file test/bench/*.entry.ts exports `bench(): Promise<readonly Figure[]>`. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: "ratio" | "ms" | "bytes" | "tokens" | "count";
  /** Smallest and largest of the repeated runs, where there were several. */
  readonly spread?: readonly [number, number];
  /** What it is compared with, what the aim is. */
  readonly note?: string;
};
