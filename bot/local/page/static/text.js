// Discord's markdown as nodes, never as HTML: what people type can do nothing here.

const INLINE = /(\\[^\w\s])|(\*\*[\s\S]+?\*\*)|(__[\s\S]+?__)|(\*[^*\n]+?\*)|(~~[\s\S]+?~~)|(`[^`]+?`)|<(@!?|@&|#)(\d+)>|<t:(\d+)(?::[a-zA-Z])?>|(https?:\/\/[^\s<>"']+)/g;

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== ""));
  return made;
}

function inline(text, names) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > from) nodes.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    const [whole, escaped, bold, under, italic, gone, code, kind, id, moment, link] = found;
    if (escaped) nodes.push(escaped.slice(1));
    else if (bold) nodes.push(element("strong", {}, inline(bold.slice(2, -2), names)));
    else if (under) nodes.push(element("u", {}, inline(under.slice(2, -2), names)));
    else if (italic) nodes.push(element("em", {}, inline(italic.slice(1, -1), names)));
    else if (gone) nodes.push(element("s", {}, inline(gone.slice(2, -2), names)));
    else if (code) nodes.push(element("code", {}, code.slice(1, -1)));
    else if (kind) nodes.push(element("span", { class: "mention" }, names(kind, id)));
    else if (moment) nodes.push(new Date(Number(moment) * 1000).toLocaleString());
    else if (link) nodes.push(element("span", { class: "mention" }, link));
    else nodes.push(whole);
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

export function markdown(text, names) {
  const nodes = [];
  const lines = String(text).split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line.startsWith(">>> ")) {
      nodes.push(element("blockquote", {}, inline([line.slice(4), ...lines.slice(at + 1)].join("\n"), names)));
      return nodes;
    }
    if (line.startsWith("> ")) nodes.push(element("blockquote", {}, inline(line.slice(2), names)));
    else if (line.startsWith("-# ")) nodes.push(element("div", { class: "sub" }, inline(line.slice(3), names)));
    else {
      nodes.push(...inline(line.replace(/^- /, "• "), names));
      if (at < lines.length - 1) nodes.push("\n");
    }
  }
  return nodes;
}
