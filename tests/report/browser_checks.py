# SPDX-License-Identifier: Apache-2.0
"""What is asked of a page in a browser. Each check returns what is wrong, or an empty text."""

import os
import zlib
import re


def silent(browser, page):
    """No message on the console, no exception, and no request but for the file itself."""
    browser.theme("light")
    browser.size(1280)
    browser.open(page)
    browser.value("new Promise(done => setTimeout(done, 200))")
    for event in browser.events:
        if event["method"] in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            return str(event["params"])[:300]
        if event["method"] == "Log.entryAdded":
            return event["params"]["entry"]["text"]
        if event["method"] == "Network.requestWillBeSent":
            url = event["params"]["request"]["url"]
            if os.path.basename(page) not in url and url != "data:,":
                return "asks for " + url
    return ""


def fits(browser, page):
    """No sideways scrolling of the page, with every table closed and with every table open."""
    for width in (320, 390, 768, 1280):
        browser.size(width)
        browser.open(page)
        for opened in ("", "document.querySelectorAll('details').forEach(d => d.open = true);"):
            wide = browser.value(opened + "document.documentElement.scrollWidth")
            if wide > width:
                guilty = browser.value(
                    "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect()"
                    ".right > %d && !e.closest('.scroll')).slice(0, 3).map(e => e.tagName + '.' +"
                    "(e.className.baseVal ?? e.className)).join(' ')" % width
                )
                return "at %d pixels the page is %d wide: %s" % (width, wide, guilty)
    browser.size(1280)
    return ""


# WCAG 2: relative luminance and contrast; backgrounds are the nearest that are not transparent, for
# numbers in a matrix the cell beneath them.
CONTRAST = """(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const back = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = { texts: 0, cells: 0, lines: 0, low: [] };
  const note = (kind, element, front, behind, least) => {
    found[kind] += 1;
    const value = ratio(front, behind);
    if (value < least)
      found.low.push(`${element.textContent.trim().slice(0, 20) || element.className.baseVal}: ` +
        `${value.toFixed(2)} (${front} on ${behind})`);
  };
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim()) continue;
    if (element.closest("script, title, desc, [hidden]")) continue;
    const style = getComputedStyle(element);
    if (!element.closest("svg")) note("texts", element, parse(style.color), back(element), 4.5);
    else if (!element.closest(".values"))
      note("texts", element, parse(style.fill), back(element.closest("svg").parentElement), 4.5);
  }
  for (const text of document.querySelectorAll(".values text")) {
    text.scrollIntoView({ block: "center", inline: "center" });
    const box = text.getBoundingClientRect();
    const cell = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      .find((one) => one.matches(".cells path"));
    if (!cell) return { ...found, low: ["no cell is beneath " + text.textContent] };
    const fill = (element) => parse(getComputedStyle(element).fill);
    note("cells", text, fill(text), fill(cell), 4.5);
  }
  for (const line of document.querySelectorAll("path.line, path.mark"))
    note("lines", line, parse(getComputedStyle(line).stroke), back(line.closest("figure")), 3);
  return found;
})()"""


def contrast(browser, page):
    """4.5 for text, 3 for lines, in light, dark and print."""
    for theme, media in (("light", ""), ("dark", ""), ("light", "print"), ("dark", "print")):
        browser.theme(theme, media)
        browser.size(1280)
        browser.open(page)
        found = browser.value(CONTRAST)
        if found["low"]:
            return "%s %s: %d are low: %s" % (
                theme,
                media,
                len(found["low"]),
                "; ".join(found["low"][:5]),
            )
        if min(found["texts"], found["lines"]) < 50 or (not media and found["cells"] < 10):
            return "too few were looked at: %s" % found
    browser.theme("light")
    return ""


REACHED = """(() => { const at = document.activeElement; window.seen ??= new Set();
  if (at === document.body || window.seen.has(at)) return false;
  window.seen.add(at);
  return getComputedStyle(at).outlineStyle !== "none" ? "shown" : "hidden";
})()"""


def keyboard(browser, page):
    """Tab reaches all that can be operated, with a visible outline; keys operate it."""
    browser.size(1280)
    browser.open(page)
    count = 0
    while True:
        browser.key("Tab", 9)
        reached = browser.value(REACHED)
        if not reached:
            break
        count += 1
        if reached != "shown":
            return "no outline on " + browser.value("document.activeElement.outerHTML.slice(0, 99)")
    missed = browser.value(
        "[...document.querySelectorAll('a, button, input, select, summary, figure > svg')]"
        ".filter(e => !window.seen.has(e) && e.checkVisibility())"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    if missed or count < 30:
        return "%d were reached; not: %s" % (count, missed[:3])
    for step in (sorting, filtering, seeds, values, numbers):
        browser.open(page)
        fault = step(browser)
        if fault:
            return fault
    return ""


def focus(browser, selector):
    browser.value("document.querySelector(%r).focus()" % selector)


def sorting(browser):
    rows = "[...document.querySelectorAll('table.sortable tbody')][0].innerText"
    before = browser.value(rows)
    focus(browser, "table.sortable th:nth-child(2) button")
    browser.key("Enter", 13, "\r")
    names = browser.value(
        "[...document.querySelector('table.sortable').tBodies[0].rows]"
        ".map(r => r.cells[1].textContent)"
    )
    if names != sorted(names, key=str.lower):
        return "sorted by method: %s" % names
    state = "document.querySelector('table.sortable th:nth-child(2)').getAttribute('aria-sort')"
    if browser.value(state) != "ascending":
        return "the sorted column does not say so"
    browser.key(" ", 32, " ")
    if browser.value(state) != "descending" or len(before) != len(browser.value(rows)):
        return "the space bar does not sort the other way"
    return ""


def filtering(browser):
    name = browser.value("document.querySelector('table.sortable tbody tr').dataset.method")
    focus(browser, "#filter")
    for letter in name:
        browser.key(letter, ord(letter.upper()), letter)
    left = browser.value(
        "[...document.querySelectorAll('figure[data-method], tr[data-method]')]"
        ".filter(e => e.dataset.method && !e.hidden).map(e => e.dataset.method)"
    )
    if not left or any(name.lower() not in other.lower() for other in left):
        return "the filter %r leaves %s" % (name, left)
    return ""


def seeds(browser):
    figure = "document.querySelector('svg[data-quantity=accuracy]').parentElement"
    before = browser.value(figure + ".querySelector('tbody').textContent")
    focus(browser, "#seed")
    browser.key("ArrowDown", 40)
    browser.value("document.getElementById('seed').dispatchEvent(new Event('change'))")
    chosen = browser.value("document.getElementById('seed').value")
    if chosen == "" or browser.value(figure + ".querySelector('tbody').textContent") == before:
        return "the arrow keys choose no other seed (%r)" % chosen
    browser.key("ArrowUp", 38)
    browser.value("document.getElementById('seed').dispatchEvent(new Event('change'))")
    if browser.value(figure + ".querySelector('tbody').textContent") != before:
        return "the mean does not come back"
    return ""


def values(browser):
    for kind in ("matrix", "lines", "points"):
        focus(browser, "figure.%s > svg" % kind)
        browser.key("ArrowDown", 40)
        text = browser.value("document.getElementById('value').innerText")
        if browser.value("document.getElementById('value').hidden") or not re.search(r"\d", text):
            return "%s: the arrow keys show no value" % kind
        browser.key("Escape", 27)
        if not browser.value("document.getElementById('value').hidden"):
            return "%s: Escape does not hide the value" % kind
    return ""


def numbers(browser):
    focus(browser, "figure summary")
    browser.key("Enter", 13, "\r")
    return "" if browser.value("document.querySelector('figure details').open") else "not opened"


def without_scripts(browser, page):
    """All texts and drawings are there; what only a script could operate is not."""
    count = (
        "[...document.querySelectorAll('svg path, svg text, td, th')].length + ' ' +"
        "document.querySelectorAll('figure').length"
    )
    browser.open(page)
    browser.value(
        "document.querySelectorAll('th button').forEach(b => b.replaceWith(b.textContent))"
    )
    texts = "document.querySelector('main, body').innerText.replace(/\\s+/g, ' ')"
    with_scripts = browser.value(count)
    shown = browser.value("document.querySelector('.tools').remove();" + texts)
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page)
        if browser.value("document.querySelector('.tools').checkVisibility()"):
            return "controls that do nothing are shown"
        if browser.value(count) != with_scripts:
            return "%s elements, with scripts %s" % (browser.value(count), with_scripts)
        if browser.value(texts) != shown:
            return "the texts differ"
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    return ""


def printed(browser, page):
    browser.theme("light")
    browser.open(page)
    pdf = browser.pdf()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    drawn = sum(
        len(re.findall(rb"\bre\b|\bl\b", zlib.decompressobj().decompress(stream)))
        for stream in re.findall(rb"stream\r?\n(x.*?)endstream", pdf, re.DOTALL)
    )
    if not pdf.startswith(b"%PDF-") or pages < 2 or drawn < 500:
        return "%d bytes, %d pages, %d strokes" % (len(pdf), pages, drawn)
    browser.theme("light", "print")
    hidden = browser.value("!document.querySelector('.tools').checkVisibility()")
    browser.theme("light")
    return "" if hidden else "controls are printed"


def nothing_foreign(browser, page):
    """No element, attribute or address that the program does not write, and no script has run."""
    browser.open(page)
    browser.value("new Promise(done => setTimeout(done, 200))")
    return browser.value(
        """(() => {
  const known = new Set(("html head meta link title style body h1 h2 h3 p nav ul li a section "
    + "strong div label input select option span table thead tbody tr th td button details summary "
    + "pre code figure figcaption svg desc g path rect text mark footer script").split(" "));
  if (window.pwned) return "a script of the file has run";
  for (const one of document.querySelectorAll("*")) {
    if (!known.has(one.localName)) return "<" + one.localName + ">";
    for (const { name, value } of one.attributes) {
      if (name.startsWith("on")) return one.localName + " " + name;
      if ((name === "href" && !value.startsWith("#") && value !== "data:,") || name === "src")
        return name + "=" + value;
      if (name === "style" && !/^(fill:#[0-9a-f]{6}|(left|top): -?[0-9.]+px;? ?)+$/.test(value))
        return "style=" + value;
    }
  }
  return document.querySelectorAll("script").length === 2 ? "" : "scripts are not two";
})()"""
    )


ALL = (
    ("no message, no request", silent),
    ("no sideways scrolling from 320 pixels on", fits),
    ("contrast by formula", contrast),
    ("operated by the keyboard alone", keyboard),
    ("everything is there without scripts", without_scripts),
    ("printed", printed),
    ("nothing but what the program writes", nothing_foreign),
)
