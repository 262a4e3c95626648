"""Playwright's side of the benchmark. Orders come as JSON, one a line, on standard input; each is answered by one line (client/main.swift
tells which; `way` means nothing here). rounds.py gives the orders.

A visit is what one writes with Playwright for pages like these: go there, wait for the element that the page's script writes last, take the
text. Knowing that element is an advantage that Gleaner does not get.

usage: playwright_client.py BROWSER    BROWSER: Chromium's binary
"""
import asyncio, json, os, sys, time
from playwright.async_api import async_playwright

VIEWPORT = {"width": 1280, "height": 800}


class Bench:
    def __init__(self, browser): self.browser, self.used, self.texts = browser, [], {}

    async def visit(self, page, address):
        answer = await page.goto(address, wait_until="load")
        if answer is None or answer.status != 200: raise RuntimeError(f"status {answer and answer.status}")
        await page.wait_for_selector("#done", state="attached")
        self.texts[address] = await page.inner_text("body")

    async def round(self, order):
        self.texts, failures, addresses = {}, [], iter(order["pages"])
        start = time.monotonic()
        shared = None
        if order["contexts"] == "reused":
            shared = await self.browser.new_context(viewport=VIEWPORT)
            self.used.append(shared)

        async def work():
            tab = await shared.new_page() if shared else None
            for address in addresses:
                try:
                    if tab:
                        await self.visit(tab, address)
                    else:
                        context = await self.browser.new_context(viewport=VIEWPORT)
                        await self.visit(await context.new_page(), address)
                        await context.close()
                except Exception as error:
                    failures.append(f"{address}: {error}")

        await asyncio.gather(*(work() for _ in range(order["atOnce"])))
        return {"seconds": time.monotonic() - start, "failures": failures}

    async def rest(self):
        for context in self.used: await context.close()
        self.used = []
        return {"texts": self.texts}


async def main(executable):
    async with async_playwright() as playwright:
        # Chromium refuses to run as root with its sandbox, and Playwright has no other account to give it.
        browser = await playwright.chromium.launch(executable_path=executable, chromium_sandbox=os.geteuid() != 0)
        bench, loop = Bench(browser), asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            order = json.loads(line)
            answer = await (bench.round(order) if order["do"] == "round" else bench.rest())
            print(json.dumps(answer), flush=True)
        await browser.close()


asyncio.run(main(sys.argv[1]))
