/** Which kinds of steps there are, as the server tells: their fields, words and ways. Nothing here knows a kind by itself. */
import { get } from "@parlons/client/http.ts";

export interface Field {
  name: string;
  type: string;
  required?: boolean;
  group?: "words" | "ways" | "settings";
  null?: boolean;
  default?: unknown;
  values?: string[];
  whole?: boolean;
  minimum?: number;
  maximum?: number;
  unit?: string;
  of?: Omit<Field, "name">;
  fields?: Field[];
  only_when?: Record<string, unknown[]>;
}

export interface Kind {
  kind: string;
  category: string;
  person: boolean;
  waits: boolean;
  ways: string[];
  words: string[];
  fields: Field[];
}

export interface Catalogue {
  kinds: Kind[];
  header: Field[];
  names: Record<string, string[]>;
}

export const loadCatalogue = (): Promise<Catalogue> => get<Catalogue>("/flows/step-kinds");

export const kindOf = (catalogue: Catalogue, kind: string): Kind | undefined => catalogue.kinds.find((each) => each.kind === kind);
