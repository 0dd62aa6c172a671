/** What takes the messages of syslog. */
export interface SyslogSink {
  /** False when there is no room, and the message was not taken. */
  take(message: Buffer): boolean;
  /** Resolves when there is room. */
  room(): Promise<void>;
}
