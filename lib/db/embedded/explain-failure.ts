/** One sentence about why Postgres did not start on a folder, from what it or the system said. */
export function explainFailure(folder: string, cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const known = causes.find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return known.sentence(folder);
  return `The embedded Postgres did not start on ${folder} (${lastComplaint(text)}): mend the cause, or set DATABASE_URL to another Postgres.`;
}

const causes: { pattern: RegExp; sentence: (folder: string) => string }[] = [
  {
    pattern: /no space left on device|ENOSPC|disk quota exceeded|EDQUOT/i,
    sentence: (folder) =>
      `The disk that holds ${folder} is full: free some space there, or set VIASCOPE_DATA_DIR to a folder on another disk.`,
  },
  {
    pattern: /lock file .* already exists/i,
    sentence: (folder) => inUse(folder, null),
  },
  {
    pattern: /permission denied|EACCES|EPERM|EROFS|read-only file system/i,
    sentence: (folder) =>
      `${folder} cannot be written by this account: change its owner, or set VIASCOPE_DATA_DIR to a folder of your own.`,
  },
];

export function inUse(folder: string, processId: number | null): string {
  const who = processId === null ? "" : ` (Postgres process ${processId})`;
  return `Another Viascope is already running on ${folder}${who}: stop it, or set VIASCOPE_DATA_DIR to another folder.`;
}

function lastComplaint(text: string): string {
  const lines = text.split("\n").filter((line) => /FATAL|PANIC|error/i.test(line));
  const line = lines.at(-1) ?? text.trim().split("\n").at(-1) ?? "";
  return line.replace(/^.*?(FATAL|PANIC|error):\s*/i, "").trim() || "it gave no reason";
}
