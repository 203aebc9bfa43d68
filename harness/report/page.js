"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const tools = document.querySelector(".tools");
  tools.hidden = false;

  // Sorting: a button in each head of a table that may be sorted.
  const number = (cell) => {
    const value = Number.parseFloat(cell.dataset.value ?? cell.textContent.replace("−", "-"));
    return Number.isNaN(value) ? null : value;
  };
  const compare = (a, b, sign) => {
    const x = number(a), y = number(b);
    if (x !== null && y !== null) return sign * (x - y);
    if (x !== null || y !== null) return x === null ? 1 : -1; // what has no number stands last
    return sign * a.textContent.localeCompare(b.textContent);
  };
  for (const table of all("table.sortable"))
    all("thead th", table).forEach((head, column) => {
      const button = document.createElement("button");
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const rising = head.getAttribute("aria-sort") !== "ascending";
        all("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        table.classList.add("sorted");
        const body = table.tBodies[0];
        const rows = [...body.rows];
        rows.forEach((row) => row.classList.remove("tier-end"));
        rows.sort((a, b) => compare(a.cells[column], b.cells[column], rising ? 1 : -1));
        body.append(...rows);
      });
    });

  // Filtering: any of the words, in a method's name.
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    const wanted = (name) =>
      !words.length || words.some((word) => name.toLowerCase().includes(word));
    for (const part of all("[data-method]")) {
      const name = part.dataset.method;
      if (!name) continue;
      if (part.namespaceURI.endsWith("svg")) part.classList.toggle("faded", !wanted(name));
      else part.hidden = !wanted(name);
    }
  });

  // A seed: matrices and their tables are filled from the counts again.
  const share = (correct, evaluated) => (correct < 0 || !evaluated ? NaN : correct / evaluated);
  const accuracy = (block, method, seed) => {
    const T = block.evaluated.length, counts = block.correct[method][seed];
    const first = (method * block.seeds.length + seed) * T * T;
    return Array.from({ length: T * T }, (_, k) =>
      counts[k] < 0 ? block.reported[first + k] ?? NaN : share(counts[k], block.evaluated[k % T]));
  };
  const forgetting = (a, T) =>
    a.map((value, k) => {
      const i = Math.floor(k / T), j = k % T;
      if (j >= i) return NaN;
      let best = -Infinity;
      for (let l = j; l < i; ++l)
        best = Number.isNaN(a[l * T + j]) || Number.isNaN(best) ? NaN : Math.max(best, a[l * T + j]);
      return best - value;
    });
  const fill = (figure, values, range, turned, T) => {
    const paths = new Map();
    values.forEach((value, k) => {
      if (Number.isNaN(value)) return;
      let t = (value - range[0]) / (range[1] - range[0]);
      t = turned ? 1 - t : t;
      const step = Math.min(data.scale.length - 1, Math.max(0, Math.floor(t * data.scale.length)));
      paths.set(step, (paths.get(step) ?? "") + `M${k % T} ${Math.floor(k / T)}h1v1h-1z`);
    });
    const cells = figure.querySelector(".cells");
    cells.replaceChildren(...[...paths].map(([step, path]) => {
      const drawn = document.createElementNS(cells.namespaceURI, "path");
      drawn.setAttribute("fill", data.scale[step]);
      drawn.setAttribute("d", path);
      return drawn;
    }));
    all(".values", figure).forEach((texts) => texts.remove()); // those of the mean
    all("tbody tr", figure).forEach((row, i) => all("td", row).forEach((cell, j) => {
      const value = values[i * T + j];
      cell.textContent = Number.isNaN(value) ? "" : value.toFixed(4);
    }));
  };
  const kept = new Map(); // what the page said at first
  const choice = document.getElementById("seed");
  choice.addEventListener("change", () => {
    for (const figure of all("figure.matrix")) {
      const svg = figure.querySelector("svg"), quantity = svg.dataset.quantity;
      if (!quantity) continue;
      const body = figure.querySelector("tbody");
      if (!kept.has(figure)) kept.set(figure, [svg.cloneNode(true), body.cloneNode(true)]);
      const block = data.blocks[svg.dataset.block];
      const method = block.methods.indexOf(figure.dataset.method);
      const seed = block.seeds.indexOf(Number(choice.value)), T = block.evaluated.length;
      const [drawing, rows] = kept.get(figure).map((part) => part.cloneNode(true));
      svg.replaceChildren(...drawing.childNodes);
      body.replaceChildren(...rows.childNodes);
      if (choice.value === "") continue;
      const a = seed < 0 ? new Array(T * T).fill(NaN) : accuracy(block, method, seed);
      if (quantity === "accuracy") fill(figure, a, [0, 1], false, T);
      else fill(figure, forgetting(a, T), block.forgetting, true, T);
    }
    all("[data-of-seeds]").forEach((note) => {
      note.textContent = choice.value === "" ? "" : ` Shown: seed ${choice.value} alone.`;
    });
  });

  // Values: under the pointer, or by the arrow keys; they are read from the figure's own table.
  const value = document.getElementById("value");
  const head = (table, column) => table.tHead.rows[0].cells[column].textContent;
  const nearest = (figure, svg, x, y) => { // a point's marker, as near as a finger can aim
    const near = all("g[data-method]", svg).map((group) => {
      const [, px, py] = group.querySelector(".mark").getAttribute("d").match(/^M([\d.]+) ([\d.]+)/);
      return [Math.hypot(px - x, py - y), group.dataset.method];
    }).sort((a, b) => a[0] - b[0])[0];
    if (!near || near[0] > 12) return null;
    const rows = [...figure.querySelector("tbody").rows];
    return { row: rows.findIndex((row) => row.cells[0].textContent === near[1]), column: 0 };
  };
  const place = (figure, svg, x, y) => {
    const [left, top, right, bottom] = svg.dataset.area.split(" ").map(Number);
    const table = figure.querySelector("table"), rows = table.tBodies[0].rows;
    const across = (x - left) / (right - left), down = (y - top) / (bottom - top);
    if (across < -0.03 || across > 1.03 || down < -0.03 || down > 1.03) return null;
    if (figure.className === "points") return nearest(figure, svg, x, y);
    const within = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    if (figure.className === "lines")
      return { row: Math.round(Math.min(1, Math.max(0, across)) * (rows.length - 1)), column: 0 };
    return { row: within(down, rows.length), column: within(across, rows[0].cells.length - 1) };
  };
  const text = (figure, at) => {
    const table = figure.querySelector("table"), cells = table.tBodies[0].rows[at.row].cells;
    if (figure.className === "matrix" && figure.querySelector("thead").rows[0].cells.length === cells.length)
      return `${cells[0].textContent} \\ ${head(table, at.column + 1)}\n${cells[at.column + 1].textContent || "–"}`;
    if (figure.className === "points")
      return [...cells].map((cell, k) => `${k ? head(table, k) + " " : ""}${cell.textContent || "–"}`).join("\n");
    const lines = [...cells].slice(1).map((cell, k) => [head(table, k + 1), cell.textContent])
      .filter(([name, shown]) => shown && !name.startsWith("±"));
    if (figure.className === "lines") lines.sort((a, b) => b[1] - a[1]);
    return [`${cells[0].textContent}`, ...lines.slice(0, 14).map((line) => line.join(" "))].join("\n");
  };
  const mark = (figure, svg, at) => {
    const [left, top, right, bottom] = svg.dataset.area.split(" ").map(Number);
    const table = figure.querySelector("table"), count = table.tBodies[0].rows.length;
    if (figure.className === "points") return;
    let cursor = svg.querySelector(".cursor");
    if (!cursor) {
      cursor = document.createElementNS(svg.namespaceURI, "path");
      cursor.setAttribute("class", "cursor");
      svg.append(cursor);
    }
    if (figure.className === "lines") {
      const x = left + ((right - left) * at.row) / Math.max(1, count - 1);
      cursor.setAttribute("d", `M${x} ${top}V${bottom}`);
    } else {
      const columns = table.tHead.rows[0].cells.length - 1;
      const wide = (right - left) / columns, high = (bottom - top) / count;
      cursor.setAttribute("d", `M${left + at.column * wide} ${top + at.row * high}h${wide}v${high}h${-wide}z`);
    }
  };
  const hide = (svg) => {
    value.hidden = true;
    svg.querySelector(".cursor")?.remove();
  };
  const show = (figure, svg, at, x, y) => {
    value.textContent = text(figure, at);
    value.hidden = false;
    value.style.left = Math.min(x + 14, innerWidth - value.offsetWidth - 8) + "px";
    value.style.top = Math.min(y + 14, innerHeight - value.offsetHeight - 8) + "px";
    mark(figure, svg, at);
  };
  for (const svg of all("figure > svg")) {
    const figure = svg.parentElement;
    let at = { row: 0, column: 0 };
    svg.addEventListener("pointermove", (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const there = place(figure, svg, point.x, point.y);
      if (there) show(figure, svg, (at = there), event.clientX, event.clientY);
      else hide(svg);
    });
    svg.addEventListener("pointerleave", () => hide(svg));
    svg.addEventListener("blur", () => hide(svg));
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (event.key === "Escape") hide(svg);
      if (!step) return;
      event.preventDefault();
      const rows = figure.querySelector("tbody").rows, columns = rows[0].cells.length - 1;
      const along = figure.className === "matrix" ? step[0] : step[0] + step[1];
      at = {
        row: Math.min(rows.length - 1, Math.max(0, at.row + along)),
        column: figure.className !== "matrix" ? 0 : Math.min(columns - 1, Math.max(0, at.column + step[1])),
      };
      const box = svg.getBoundingClientRect();
      show(figure, svg, at, box.left + box.width / 2, box.top + box.height / 2);
    });
  }
})();
