// What every module draws with: tagged templates that make Preact's nodes.

import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
