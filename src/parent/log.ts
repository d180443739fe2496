/** Where Hadoken says what it does. `console` is one. */
export interface Logger {
  error(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  info(...args: unknown[]): void;
  debug(...args: unknown[]): void;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** Says something at a level. */
export type Log = (level: Exclude<LogLevel, 'silent'>, message: string) => void;

const LEVELS = ['silent', 'error', 'warn', 'info', 'debug'];

/** To the console down to a level, or to a logger of the page's own. */
export function createLog(log: LogLevel | Logger = 'warn'): Log {
  return (level, message) => {
    if (typeof log === 'object') log[level](message);
    else if (LEVELS.indexOf(level) <= LEVELS.indexOf(log)) console[level]('[hadoken]', message);
  };
}
