#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser: browser_test.py MNEME MAKE_SAMPLE [FOLDER [RESULTS]]. With FOLDER,
pictures in light, dark, at 390 and 1280 pixels, and the PDF are left there, of RESULTS if given."""

import os
import subprocess
import sys
import tempfile

import browser_checks
import chromium

MNEME, MAKE_SAMPLE = sys.argv[1:3]


def report(results, page):
    subprocess.run([MNEME, "report", results, "-o", page], check=True, stdout=subprocess.DEVNULL)


# Names that would be script, markup, style or an address if anything took them for it.
HOSTILE = (
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "'\"><svg onload=window.pwned=1>",
    "</title><style>*{background:url(x)}</style>",
    "javascript:window.pwned=1",
    "--></style><iframe src=x>",
    "]]><a href=javascript:window.pwned=1>a</a>",
    "\u202egnp.exe \u2066a\u2069 {{7*7}} ${window.pwned=1}",
    "</text></svg><body onpageshow=window.pwned=1>",
    "x" * 255,
)


def hostile_page(folder):
    """A table of a stranger, under a name that is none, imported and shown."""
    table = os.path.join(folder, "<img src=x onerror=window.pwned=1>.csv")
    with open(table, "w", encoding="utf-8") as file:
        file.write("benchmark,method,seed,scenario,trained_task,evaluated_task,accuracy\n")
        for name in HOSTILE:
            quoted = '"%s"' % name.replace('"', '""').replace("/", "\u2215")  # a file has no "/"
            for i in (1, 2):
                for j in range(1, i + 1):
                    file.write("%s,%s,1,class,%d,%d,0.%d\n" % (quoted, quoted, i, j, 9 - i + j))
    results, page = os.path.join(folder, "hostile.h5"), os.path.join(folder, "hostile.html")
    subprocess.run([MNEME, "import", table, "-o", results], check=True, stdout=subprocess.DEVNULL)
    report(results, page)
    return page


def pictures(browser, page, folder):
    os.makedirs(folder, exist_ok=True)
    for width in (1280, 390):
        for theme in ("light", "dark"):
            browser.size(width)
            browser.theme(theme)
            browser.open(page)
            browser.picture(os.path.join(folder, "page-%s-%d.png" % (theme, width)))
    browser.theme("light")
    with open(os.path.join(folder, "page.pdf"), "wb") as file:
        file.write(browser.pdf())


def judge(name, check, *arguments):
    try:
        fault = check(*arguments)
    except RuntimeError as error:
        fault = str(error)
    print("not ok %s: %s" % (name, fault) if fault else "ok %s" % name)


def main():
    if not chromium.program():
        print("skip the page in a browser: chromium is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        page, results = os.path.join(folder, "page.html"), os.path.join(folder, "results.h5")
        subprocess.run([MAKE_SAMPLE, results], check=True)
        report(sys.argv[4] if len(sys.argv) > 4 else results, page)
        hostile = hostile_page(folder)
        browser = chromium.Chromium()
        try:
            for name, check in browser_checks.ALL:
                judge("the page: " + name, check, browser, page)
            judge("hostile names are text", browser_checks.nothing_foreign, browser, hostile)
            for name, check in browser_checks.ALL[:2]:
                judge("hostile names: " + name, check, browser, hostile)
            if len(sys.argv) > 3:
                pictures(browser, page, sys.argv[3])
        finally:
            browser.close()


main()
