"""The site in a browser: nothing wider than a phone, everything within reach of the keyboard, text that can be read, light and dark."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess

import pytest

from lakatos.reports.site import site

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here to draw the pages")

PHONE, DESK = 360, 1200
HARNESS = """<!doctype html><meta charset="utf-8"><title>harness</title><body><script>
const pages = PAGES, widths = [360, 1200], found = [];
const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const colour = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
const contrast = (view, element) => {
  let behind = element, back = [0, 0, 0, 0];
  while (behind && !(back.length === 3 || back[3] > 0)) {
    back = colour(view.getComputedStyle(behind).backgroundColor);
    behind = behind.parentElement;
  }
  const [a, b] = [colour(view.getComputedStyle(element).color), back].map(luminance).sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};
const look = (frame, page, width) => {
  const view = frame.contentWindow, root = frame.contentDocument;
  const all = [...root.body.querySelectorAll("*")], name = (e) => `${e.tagName}.${e.className}#${e.id}`;
  const reachable = (e) => e.tabIndex >= 0 || e.querySelector("a[href], button, [tabindex]");
  const wide = all.filter((e) => /auto|scroll/.test(view.getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1);
  const controls = [...root.querySelectorAll("a[href], button, summary, [tabindex]")];
  const says = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const texts = all.filter((e) => !e.closest("svg, math, script, .skip") && says(e));
  return {
    page, width,
    scrolls: root.documentElement.scrollWidth,
    unreachable: wide.filter((e) => !reachable(e)).map(name),
    unfocusable: controls.filter((e) => { e.focus(); return root.activeElement !== e; }).map(name),
    faint: texts.filter((e) => contrast(view, e) < 4.5).map(name),
    headings: root.querySelectorAll("h1").length,
    mains: root.querySelectorAll("main").length,
    dark: view.matchMedia("(prefers-color-scheme: dark)").matches,
    drawn: [...root.querySelectorAll("svg.figure, math")].every((e) => e.getBoundingClientRect().height > 5),
    background: view.getComputedStyle(root.body).backgroundColor,
  };
};
(async () => {
  for (const page of pages) for (const width of widths) {
    const frame = document.createElement("iframe");
    frame.style.cssText = `width:${width}px;height:900px;border:0`;
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    frame.src = page;
    document.body.append(frame);
    await loaded;
    found.push(look(frame, page, width));
    frame.remove();
  }
  const result = document.createElement("pre");
  result.id = "result";
  result.textContent = JSON.stringify(found);
  document.body.replaceChildren(result);
})();
</script>"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the browser finds on every page, in light and in dark, at the width of a phone and of a desk."""
    known: dict[bool, list[dict]] = {}

    def look(pages, *, dark):
        if dark not in known:
            folder = tmp_path_factory.mktemp("site")
            for name, text in pages.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
            (folder / "harness.html").write_text(HARNESS.replace("PAGES", json.dumps(list(pages))), encoding="utf-8")
            command = [
                CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--hide-scrollbars",
                f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=60000", "--dump-dom",
                *(["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if dark else []), (folder / "harness.html").as_uri(),
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            result = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
            assert result, done.stderr[-2000:]
            known[dark] = json.loads(html.unescape(result[1]))
        return known[dark]

    return look


@pytest.fixture
def pages(report, claims, record):
    cells = [
        {"name": "MAML, 5-way", "printed": "0.83 ± 0.02", "measured": 0.81, "low": 0.75, "high": 0.87, "inside": True},
        {"name": "ANIL", "printed": "−1.5", "measured": 0.0, "low": -0.5, "high": 0.5, "inside": False},
    ]
    table = record(entry="tab-1", label="Table 1", name="table", kind="reproduction", picture={"type": "table", "cells": cells})
    corollary = record(entry="cor-9", label="Corollary 9", name="cor", rests_on=[claims[2]["id"]])
    wide = record(entry="eq-1", label="Equation (1)", name="wide", statement=r"\frac{" + "+".join(["x^2_1"] * 40) + "}{2} = 0")
    unchecked = {"fallah2020": [{"entry": "fig-1", "what": "Figure 1", "why": "needs images"}]}
    return site(report([*claims, table, corollary, wide], unchecked=unchecked, not_run=["a.py::b"], interrupted=True))


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_in_a_browser(seen, pages, dark):
    found = seen(pages, dark=dark)
    assert len(found) == 2 * len(pages)
    for look in found:
        where = (look["page"], look["width"])
        assert look["scrolls"] <= look["width"], where
        assert look["unreachable"] == [], where
        assert look["unfocusable"] == [], where
        assert look["faint"] == [], where
        assert (look["headings"], look["mains"]) == (1, 1), where
        assert look["dark"] == dark
        assert look["drawn"], where
    assert len({look["background"] for look in found}) == 1
