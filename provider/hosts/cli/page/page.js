"use strict";

// The page is whole without this script: it adds the filters, the sorting and the keys.
(() => {
    const $ = (selector) => document.querySelector(selector);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const [search, stack, vendor, order, count, none, body] = [
        "#search",
        "#stack",
        "#vendor",
        "#sort",
        "#count",
        "#none",
        "tbody",
    ].map($);
    const rows = all("tbody tr");
    const chips = all(".states button");
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const dots = new Map(all(".timeline a").map((dot) => [dot.getAttribute("href").slice(1), dot]));

    const filter = () => {
        const words = search.value.toLowerCase().split(/\s+/);
        const states = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.value);
        let shown = 0;
        for (const row of rows) {
            const { state, stack: ofStack, vendor: ofVendor } = row.dataset;
            const isShown =
                (states.length === 0 || states.includes(state)) &&
                (!stack || stack.value === "" || stack.value === ofStack) &&
                (vendor.value === "" || vendor.value === ofVendor) &&
                words.every((word) => texts.get(row).includes(word));
            row.hidden = !isShown;
            dots.get(row.id)?.toggleAttribute("hidden", !isShown);
            shown += isShown ? 1 : 0;
        }
        count.value = shown === rows.length ? `${shown} connections` : `${shown} of ${rows.length} connections`;
        none.hidden = shown > 0;
    };

    const reset = () => {
        search.value = "";
        vendor.value = "";
        if (stack) {
            stack.value = "";
        }
        chips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
        filter();
    };

    const sort = (head) => {
        const wasUp = head.getAttribute("aria-sort") === "ascending";
        all("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", wasUp ? "descending" : "ascending");
        const key = head.dataset.key;
        order.value = key;
        const value = (row) => row.dataset[key] ?? "";
        const isNumber = head.dataset.number !== undefined;
        const compare = (one, other) => {
            const [a, b] = [value(one), value(other)];
            if (a === "" || b === "") {
                // What has no value stands last, whichever way.
                return a === b ? 0 : a === "" ? 1 : -1;
            }
            const up = isNumber ? Number(a) - Number(b) : a.localeCompare(b);
            return wasUp ? -up : up;
        };
        body.append(...rows.sort(compare));
    };

    const move = (step) => {
        const shown = rows.filter((row) => !row.hidden);
        const at = shown.indexOf(document.activeElement?.closest("tbody tr"));
        const next =
            shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + step, 0), shown.length - 1)];
        next?.focus();
    };

    search.addEventListener("input", filter);
    [stack, vendor].forEach((select) => select?.addEventListener("change", filter));
    chips.forEach((chip) =>
        chip.addEventListener("click", () => {
            chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
            filter();
        }),
    );
    order.addEventListener("change", () => {
        all("th[aria-sort]").forEach((head) => head.removeAttribute("aria-sort"));
        sort($(`th[data-key="${order.value}"]`));
    });
    all("th[data-key]").forEach((head) => head.firstElementChild.addEventListener("click", () => sort(head)));
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        const isTyping = event.target === search || event.target.tagName === "SELECT";
        if (event.key === "/" && !isTyping) {
            event.preventDefault();
            search.focus();
        } else if (event.key === "Escape") {
            reset();
        } else if (!isTyping && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
            event.preventDefault();
            move(event.key === "ArrowDown" ? 1 : -1);
        } else if (event.key === "ArrowDown" && event.target === search) {
            event.preventDefault();
            move(1);
        } else if (event.key === "Enter" && event.target.matches("tbody tr")) {
            const details = event.target.querySelector("details");
            details.open = !details.open;
        }
    });
    all(".copy button").forEach((button) => {
        button.hidden = false;
        button.addEventListener("click", () => {
            // A page from a file has no other clipboard in every browser.
            getSelection().selectAllChildren(button.previousElementSibling);
            button.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
        });
    });
    $(".tools").hidden = false;
    $(".keys").hidden = false;
    filter();
})();
