// The raw gateway and REST traffic of the last action.

import { html } from "./html.js";

function Body({ name, value }) {
  return value === null ? null : html`<b>${name}</b><pre>${JSON.stringify(value, null, 1)}</pre>`;
}

export function Traffic({ traffic }) {
  return html`<aside id="traffic" aria-label="Raw gateway and REST traffic of the last action" hidden=${!traffic}>
    <h2>The last action on the wire</h2>
    ${(traffic ?? []).map((each) => html`<details key=${`${each.at} ${each.kind} ${each.name}`}>
      <summary>${each.at} ${each.kind} ${each.name} ${each.status}</summary>
      <${Body} name="sent" value=${each.sent} />
      <${Body} name="received" value=${each.received} />
    </details>`)}
  </aside>`;
}
