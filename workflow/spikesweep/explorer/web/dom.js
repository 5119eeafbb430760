/** Elements. Whatever text comes from a sweep becomes a text node, never markup. */

/**
 * An element with attributes, listeners (`onclick`) and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes]
 * @param {(Node|string|null)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * The element of an id that the page has.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/**
 * Offer text or bytes as a file.
 * @param {string} name
 * @param {Blob|string} content
 * @param {string} [type]
 */
export function save(name, content, type = "text/plain") {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * Options of a menu, in place of those that it has.
 * @param {HTMLSelectElement} menu
 * @param {[string, string][]} options value and text
 * @param {string} chosen
 */
export function fill(menu, options, chosen) {
  menu.replaceChildren(
    ...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
  menu.value = chosen;
}

/**
 * Say something to those who do not see it.
 * @param {string} words
 */
export function say(words) {
  byId("said").textContent = words;
}

/**
 * Put text on the clipboard, also from a file's address, where there may be no clipboard.
 * @param {string} text
 * @returns {Promise<boolean>} whether it is there
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { readonly: true, class: "hidden", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
