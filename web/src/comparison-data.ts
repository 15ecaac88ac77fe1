/** The fields of a comparison's JSON that the page uses (docs/json.md, spikeflame.diff). */
export interface Comparison {
  schema: string;
  unit: string;
  /** The word for the evidence, with the first warning as a clause. */
  evidence: string;
  window: string;
  requests: { before: number | null; after: number | null };
  rps: { before: number | null; after: number | null };
  p95_ms: { before: number | null; after: number | null };
  total: { before: number; after: number; ratio: number | null; ci: [number | null, number | null] };
  warnings: string[];
  conditions: { name: string; before: number | null; after: number | null }[];
  waterfall: {
    before: number;
    steps: { label: string; change: number }[];
    other_rows: number;
    other: number;
    after: number;
  };
  functions: ComparedRow[];
  /** For each side, before and after: the labels of functions that differ from their row's, with the row's. */
  moved: [[string, string][], [string, string][]];
  /** Sentences about the whole comparison, below the first one. */
  sentences: string[];
  /** True when the share of a core also counts time in which the thread waited for a core. */
  counts_waits: boolean;
}

export interface ComparedRow {
  label: string;
  name: string;
  /** The nearest caller with a name, of a function without one. */
  called_by?: string;
  /** The name before of a function that was probably renamed. */
  name_before?: string;
  file: string;
  line_before: number | null;
  line_after: number | null;
  self: Cost;
  total: Cost;
  badges: string[];
  /** True for native code, the kernel and garbage collection. */
  machine: boolean;
  /** The label of the row whose change explains this one's. */
  explained_by: string | null;
  explained: string | null;
  /** The change of self costs of this row and of the rows that it explains. */
  together: number;
}

export interface Cost {
  samples_before: number;
  samples_after: number;
  before: number;
  after: number;
  change: number;
  change_ci: [number | null, number | null];
  ratio: number | null;
  ci: [number | null, number | null];
  verdict: string;
}
