import type { Report } from '../report';

/** The names of all formats. */
export const FORMAT_NAMES = ['text', 'json', 'markdown', 'junit', 'sarif', 'html', 'prometheus'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

export interface FormatOptions {
  /** True to colour the output. Default false. */
  readonly isColoured?: boolean;
  /** Columns of the terminal. Default 100. */
  readonly width?: number;
  /** True to print objects without differences, too. Default false. */
  readonly isComplete?: boolean;
  /** The most characters, for formats that can be cut. Default: no limit. */
  readonly maximumLength?: number;
  /** The most bytes in UTF-8, for the same formats. Default: no limit. */
  readonly maximumBytes?: number;
  /** True when a server gives the page and `report.json` beside it; the page then keeps itself current. Default false. */
  readonly isServed?: boolean;
}

/** Prints a report. It ends with a line feed. */
export interface Format {
  readonly name: FormatName;
  render(report: Report, options?: FormatOptions): string;
}
