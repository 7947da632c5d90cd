const PREFIX = 'lane_';

/** A column name for the id of a lane: Tablestore allows letters, digits and `_` only. */
export function laneColumn(laneId: string): string {
  const safe = laneId.replace(/[^A-Za-z0-9]/gu, (char) =>
    Buffer.from(char).toString('hex').replace(/../g, '_$&'),
  );
  return `${PREFIX}${safe}`;
}

/** The lane's id of such a column, as a list of one; an empty list for any other column. */
export function laneOfColumn(column: string): ReadonlyArray<string> {
  if (!column.startsWith(PREFIX)) return [];
  const safe = column.slice(PREFIX.length);
  return [
    safe.replace(/(?:_[0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('_', ''), 'hex').toString()),
  ];
}
