/** The ops can't be part of this log: a bug or a second writer, not a failing disk. Nothing of the write is kept. */
export class Contradiction extends Error {}
