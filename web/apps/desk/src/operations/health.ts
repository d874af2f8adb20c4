/** What the server says of itself on the health page. */
export interface Trouble {
  code: string;
  /** English, with the names of the case. */
  wrong: string;
  mend: string;
}

export interface Health {
  wrong: Trouble[];
  notes: Trouble[];
  versions: { parlons: string; revision: string | null; postgres: string; python: string };
  /** Bytes. */
  disk: { free: number; total: number };
  jobs: { kind: string; waiting: number; due: number; running: number; failed: number }[];
  voice: { engine: string; trunks: { name: string; up: boolean }[] };
  last_backup: string | null;
}

export interface Hold {
  since: string;
  backup: { taken_at?: string };
  kinds: { kind: string; count: number; due: number }[];
}
