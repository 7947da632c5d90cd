/** A primary key or columns: texts, and whole numbers that become INTEGER. */
export type Cells = Readonly<Record<string, string | number>>;

/** A row as read: primary key and columns together. */
export type Row = Readonly<Record<string, string | number>>;

/** What a row must be like for a write to happen. */
export interface RowCondition {
  readonly existence?: 'any' | 'exists' | 'absent';
  /** All must hold; Tablestore takes at most 10. */
  readonly columns?: ReadonlyArray<ColumnCondition>;
}

/** A comparison of a column with a constant. */
export interface ColumnCondition {
  readonly column: string;
  readonly is: 'equal' | 'at-most';
  readonly value: string | number;
  /** Whether a row without the column passes. */
  readonly passIfMissing: boolean;
}

/** A write of one row, alone or in a batch. */
export type RowWrite =
  | {
      readonly kind: 'put';
      readonly table: string;
      readonly key: Cells;
      readonly columns: Cells;
      readonly condition?: RowCondition;
    }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly key: Cells;
      readonly change: ColumnChange;
      readonly condition?: RowCondition;
    }
  | {
      readonly kind: 'delete';
      readonly table: string;
      readonly key: Cells;
      readonly condition?: RowCondition;
    };

/** Changes of single columns; a missing row is created. */
export interface ColumnChange {
  readonly put?: Cells;
  readonly remove?: ReadonlyArray<string>;
  readonly increment?: Cells;
}
