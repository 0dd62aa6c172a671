/** Who sent a message of syslog, as its header says. */
export interface SyslogSource {
  readonly host: string | null;
  /** The tag or the app-name, without the process id. */
  readonly app: string | null;
}

const rfc5424 = /^<\d{1,3}>1 \S+ (?<host>\S+) (?<app>\S+) /;
const rfc3164 =
  /^<\d{1,3}>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (?:(?<host>[^\s:[\]]+) )?(?<app>[\w./-]+)(?:\[\d+\])?: /;

/** Reads the header of RFC 5424 or RFC 3164; nulls where there is none, or it does not say. */
export function syslogSource(message: string): SyslogSource {
  const found = (rfc5424.exec(message) ?? rfc3164.exec(message))?.groups;
  return { host: valueOf(found?.["host"]), app: valueOf(found?.["app"]) };
}

/** RFC 5424 writes `-` for nothing. */
function valueOf(text: string | undefined): string | null {
  return text === undefined || text === "-" ? null : text;
}
