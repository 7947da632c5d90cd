import { essRefusals } from './refusals.ts';

/** Which page is asked for. */
export interface PageQuery {
  /** From 1. */
  readonly pageNumber?: number | undefined;
  /** Default 10. */
  readonly pageSize?: number | undefined;
}

/** One page of an answer. */
export interface Page<T> {
  readonly items: ReadonlyArray<T>;
  readonly totalCount: number;
  readonly pageNumber: number;
  readonly pageSize: number;
}

/** The page of `all`. Throws `InvalidParameter` (400) for a page before the first or a size outside 1 to `sizeMax`. */
export function pageOf<T>(all: ReadonlyArray<T>, query: PageQuery, sizeMax: number): Page<T> {
  const { pageNumber = 1, pageSize = 10 } = query;
  if (pageNumber < 1) throw essRefusals.invalidParameter('PageNumber');
  if (pageSize < 1 || pageSize > sizeMax) throw essRefusals.invalidParameter('PageSize');
  const items = all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
  return { items, totalCount: all.length, pageNumber, pageSize };
}
