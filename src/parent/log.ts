/** Where Hadoken writes what it does. `console` is one. */
export interface Logger {
  error(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  info(...args: unknown[]): void;
  debug(...args: unknown[]): void;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/**
 * Writes a message at a level. Never throws: a logger that does is reported, and nothing else is
 * stopped.
 */
export type Log = (level: Exclude<LogLevel, 'silent'>, message: string) => void;

const LEVELS: unknown[] = ['silent', 'error', 'warn', 'info', 'debug'];

/** Whether `value` is a level, or may be a logger. */
export function isLog(value: unknown): value is LogLevel | Logger {
  return LEVELS.includes(value) || Object(value) === value;
}

/** To the console down to a level, or to a logger of the page's own. */
export function createLog(log: LogLevel | Logger): Log {
  return (level, message) => {
    try {
      if (typeof log !== 'string') log[level](message);
      else if (LEVELS.indexOf(level) <= LEVELS.indexOf(log)) console[level]('[hadoken]', message);
    } catch (error) {
      reportError(error);
    }
  };
}
