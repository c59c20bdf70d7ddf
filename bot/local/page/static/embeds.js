// Embeds, pictures and files of a message.

import { html } from "./html.js";
import { Markdown, inline } from "./text.js";

export const colored = (color) => (
  color === undefined || color === null ? {} : { borderLeft: `4px solid #${color.toString(16).padStart(6, "0")}` }
);

const ours = (address) => address?.startsWith("/");

// A picture of another host is named and not loaded.
export function Picture({ url, description, onLoad }) {
  if (!ours(url)) return html`<span class="sub">${description || "A picture"} (of another host: not loaded)</span>`;
  return html`<img src=${url} alt=${description || url.split("/").at(-1)} onLoad=${onLoad} />`;
}

function embedPicture(embed, message) {
  const { url } = embed.image;
  const file = message.attachments.find((each) => url === `attachment://${each.filename}` || url === each.url);
  return { url: file?.url ?? url, description: file?.description || file?.filename };
}

export function Embed({ embed, message, onLoad }) {
  return html`<article class="embed" style=${colored(embed.color)}>
    ${embed.author?.name && html`<div class="sub">${embed.author.name}</div>`}
    ${embed.title && html`<h3 class="second">${inline(embed.title)}</h3>`}
    ${embed.description && html`<${Markdown} text=${embed.description} />`}
    ${(embed.fields ?? []).map((field) => html`
      <h3 class="third">${inline(field.name)}</h3>
      <${Markdown} text=${field.value} />`)}
    ${embed.image?.url && html`<${Picture} ...${embedPicture(embed, message)} onLoad=${onLoad} />`}
    ${embed.footer?.text && html`<div class="sub">${embed.footer.text}</div>`}
  </article>`;
}

export function File({ name, url, size, content_type: kind, description, onLoad }) {
  if ((kind ?? "").startsWith("image/")) {
    return html`<div class="file"><${Picture} url=${url} description=${description || name} onLoad=${onLoad} /></div>`;
  }
  const words = `📎 ${name}${size === undefined ? "" : ` (${size.toLocaleString()} bytes)`}`;
  return html`<div class="file">${ours(url) ? html`<a href=${url} download=${name}>${words}</a>` : words}</div>`;
}

// files that a card shows itself are not shown below it once more
export function loose(message, components) {
  const used = new Set(message.embeds.flatMap((embed) => {
    const url = embed.image?.url;
    return url ? [url, url.replace("attachment://", "")] : [];
  }));
  for (const each of components) {
    for (const media of [each.media, each.file, ...(each.items ?? []).map((item) => item.media)]) {
      if (media?.url) used.add(media.url);
    }
  }
  return message.attachments.filter((file) => !used.has(file.url) && !used.has(file.filename));
}
