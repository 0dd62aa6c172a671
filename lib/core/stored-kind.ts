/** Kinds of stored rows of bytes that nobody but this program understands, and that a disk may damage. */
export const storedKinds = ["segment", "block", "log_block", "trace_index"] as const;
export type StoredKind = (typeof storedKinds)[number];

/** Told of a stored row that cannot be read: what it is, which one, and why. */
export type LeaveOut = (kind: StoredKind, row: string, cause: unknown) => void;
