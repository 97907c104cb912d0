/* Cuts the tables of a letter into pages; run by wkhtmltopdf, whose JavaScript is that of 2011.

   The printer cuts pages anywhere and knows no "carried forward": a table marked `o_followup_paged` that does not fit is
   cut here, each part with its head and its columns, a row "À reporter" below and a row "Report" above. The figures come
   from the rows (`data-carried`: sum so far, formatted, one a column from the right, separated by "|"): nothing is
   computed here. Lengths are pixels of 1/96 inch; the height of a page stands in millimetres on the letter. */
(function () {
    "use strict";

    // The printer rounds: a page is taken for a little shorter than it is.
    var SAFETY = 8;
    // Where a table does not begin on the first page its place is known but roughly.
    var ROUGHLY = 60;
    // Sizes of letters: a whole number of the printer's pixels (1/144 inch), or words run into each other.
    var STEP = 2 / 3;
    // 6 points, for figures; 8.5 points, for a text.
    var SMALLEST = 8;
    var SMALLEST_TEXT = 11.3;
    // How much longer than a page a letter is, at most, to be brought back to one.
    var LITTLE = 1.2;

    function list(items) {
        return Array.prototype.slice.call(items);
    }

    function box(element) {
        return element.getBoundingClientRect();
    }

    /* Smaller letters for a table that is wider than the page: figures of twelve digits are never cut. */
    function fit(table) {
        var room = box(table.parentNode).width + 1;
        var size = parseFloat(window.getComputedStyle(table).fontSize);
        while (box(table).width > room && size - STEP >= SMALLEST) {
            size -= STEP;
            table.style.setProperty("font-size", size + "px", "important");
        }
    }

    /* Smaller letters for a text that is a little longer than a page: nobody likes a page with a signature alone. */
    function fitOnPage(letter, height) {
        var bodies = letter.querySelectorAll(".o_followup_body");
        if (!bodies.length) {
            return;
        }
        var size = parseFloat(window.getComputedStyle(letter).fontSize);
        var asked = size;
        var used = function () {
            return box(bodies[0]).bottom - box(document.body).top;
        };
        if (used() > height * LITTLE) {
            return;
        }
        while (used() > height && size - STEP >= SMALLEST_TEXT) {
            size -= STEP;
            letter.style.fontSize = size + "px";
        }
        if (used() > height) {
            letter.style.fontSize = asked + "px";
        }
    }

    function carriedRow(columns, label, values) {
        var row = document.createElement("tr");
        row.className = "o_followup_carried";
        var cell = document.createElement("td");
        cell.colSpan = columns - values.length;
        cell.textContent = label;
        row.appendChild(cell);
        values.forEach(function (value) {
            var figure = document.createElement("td");
            figure.textContent = value;
            row.appendChild(figure);
        });
        return row;
    }

    /* Rows that stay together: titles with the row below them, totals with the last row. */
    function gather(rows) {
        var groups = [];
        var group = [];
        rows.forEach(function (row) {
            group.push(row);
            if (row.hasAttribute("data-carried")) {
                groups.push(group);
                group = [];
            }
        });
        if (!groups.length) {
            return rows.map(function (row) {
                return [row];
            });
        }
        groups[groups.length - 1] = groups[groups.length - 1].concat(group);
        return groups;
    }

    /* The rows of each page; `first` and `others` are the room for rows on the first page and on the next ones. */
    function share(rows, first, others) {
        var pages = [];
        var page = [];
        var room = first;
        gather(rows).forEach(function (group) {
            var needed = group.reduce(function (sum, row) {
                return sum + box(row).height;
            }, 0);
            if (needed > room && (page.length || !pages.length)) {
                pages.push(page);
                page = [];
                room = others;
            }
            page = page.concat(group);
            room -= needed;
        });
        pages.push(page);
        return pages;
    }

    function carriedHeight(table, columns) {
        var row = carriedRow(columns, "0", ["0"]);
        table.tBodies[0].appendChild(row);
        var height = box(row).height;
        table.tBodies[0].removeChild(row);
        return height;
    }

    /* Cut a table; return the place of the last page's top. */
    function cut(letter, table, top, height) {
        var place = box(table);
        var used = place.top - top;
        if (used > height) {
            used = (used % height) + ROUGHLY;
        }
        if (used + place.height <= height) {
            return top;
        }
        var head = table.tHead.rows[0];
        var columns = list(head.cells).length;
        var widths = list(head.cells).map(function (cell) {
            return box(cell).width;
        });
        var rows = list(table.tBodies[0].rows);
        var carry = carriedHeight(table, columns);
        var room = height - box(table.tHead).height - carry;
        // The last rows need no row below them: the room it leaves is not worth a second computation.
        var pages = share(rows, room - used, room - carry);
        var carried = null;
        var latest = table;
        pages.forEach(function (mine, number) {
            var part = table;
            if (number) {
                var page = document.createElement("div");
                page.className = "o_followup_next_page";
                part = table.cloneNode(false);
                part.appendChild(table.tHead.cloneNode(true));
                part.appendChild(table.tBodies[0].cloneNode(false));
                page.appendChild(part);
                latest.parentNode.insertBefore(page, latest.nextSibling);
                latest = page;
                if (carried) {
                    part.tBodies[0].appendChild(
                        carriedRow(columns, letter.getAttribute("data-brought") || "", carried)
                    );
                }
            }
            mine.forEach(function (row) {
                part.tBodies[0].appendChild(row);
                var values = row.getAttribute("data-carried");
                carried = values ? values.split("|") : carried;
            });
            part.style.tableLayout = "fixed";
            list(part.tHead.rows[0].cells).forEach(function (cell, index) {
                cell.style.width = widths[index] + "px";
            });
            if (carried && mine.length && number < pages.length - 1) {
                part.tBodies[0].appendChild(
                    carriedRow(columns, letter.getAttribute("data-forward") || "", carried)
                );
            }
        });
        if (!pages[0].length) {
            table.parentNode.removeChild(table);
        }
        return box(latest).top;
    }

    list(document.querySelectorAll(".o_followup_letter[data-page-height]")).forEach(function (letter) {
        var height = (parseFloat(letter.getAttribute("data-page-height")) / 25.4) * 96 - SAFETY;
        list(letter.querySelectorAll("table")).forEach(fit);
        fitOnPage(letter, height);
        var top = box(document.body).top;
        list(letter.querySelectorAll(".o_followup_new_page, table.o_followup_paged")).forEach(function (element) {
            top = element.tagName === "TABLE" ? cut(letter, element, top, height) : box(element).top;
        });
    });
})();
