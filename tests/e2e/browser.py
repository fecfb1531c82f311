# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A headless Chromium, driven by its DevTools protocol over two pipes."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def find():
    """A browser; a test without one fails."""
    for name in "chromium", "chromium-browser", "google-chrome":
        if path := shutil.which(name):
            return path
    raise AssertionError("no chromium in PATH, which opens the page; "
                         "scripts/install.sh --tests installs it")


class Browser:
    """One page of a browser of its own. `problems` collects what the console
    says, exceptions and requests that leave the file."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="setun-chromium-")
        to_browser, self.commands = os.pipe()
        self.answers, from_browser = os.pipe()

        def take_pipes():
            # DevTools reads 3 and writes 4; above them nothing is in the way.
            a, b = os.dup(to_browser), os.dup(from_browser)
            a, b = os.dup2(a, 100), os.dup2(b, 101)
            os.dup2(a, 3, inheritable=True)
            os.dup2(b, 4, inheritable=True)

        self.process = subprocess.Popen(
            [find(), "--headless", "--remote-debugging-pipe", "--no-sandbox",
             "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-extensions",
             f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=take_pipes, pass_fds=(3, 4), close_fds=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.serial, self.session = b"", 0, None
        self.problems = []
        target = next(t for t in self.send("Target.getTargets")["targetInfos"]
                      if t["type"] == "page")
        self.session = self.send("Target.attachToTarget", flatten=True,
                                 targetId=target["targetId"])["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self.send(f"{domain}.enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, seconds):
        end = time.monotonic() + seconds
        while b"\0" not in self.rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise TimeoutError("no answer from the browser")
            part = os.read(self.answers, 1 << 20)
            if not part:
                raise EOFError("the browser ended")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(message)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, event, details):
        if event == "Runtime.exceptionThrown":
            self.problems.append(details["exceptionDetails"])
        elif event == "Runtime.consoleAPICalled":
            self.problems.append(details["args"])
        elif event == "Log.entryAdded":
            self.problems.append(details["entry"])
        elif event == "Network.requestWillBeSent":
            url = details["request"]["url"]
            if not url.startswith(("file:", "data:")):
                self.problems.append(url)

    def send(self, method, **params):
        self.serial += 1
        message = dict(id=self.serial, method=method, params=params)
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive(60)
            if answer.get("id") == self.serial:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, url, width=1280, height=900, dark=False):
        """Opens an address anew, in a window of this size."""
        self.send("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", features=[
            dict(name="prefers-color-scheme",
                 value="dark" if dark else "light")])
        self.send("Page.navigate", url="about:blank")
        self.wait("location.href === 'about:blank'")
        self.send("Page.navigate", url=str(url))
        self.wait("document.readyState === 'complete' && "
                  "location.href !== 'about:blank'")

    def run(self, script):
        """The value of a JavaScript expression in the page."""
        result = self.send("Runtime.evaluate", expression=script,
                           returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not self.run(condition):
            if time.monotonic() > end:
                raise AssertionError(f"never came true: {condition}")
            time.sleep(0.02)

    def click(self, selector):
        """With the mouse, where the element is seen."""
        box = self.run(f"""(() => {{
            const e = document.querySelector({json.dumps(selector)});
            e.scrollIntoView({{block: 'nearest'}});
            const r = e.getBoundingClientRect();
            return [r.left + r.width / 2, r.top + r.height / 2]; }})()""")
        for kind in "mousePressed", "mouseReleased":
            self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1],
                      button="left", clickCount=1)

    def press(self, key, text=None):
        text = text or (key if len(key) == 1 else "")
        down = dict(type="keyDown", key=key)
        if text:
            down["text"] = text
        self.send("Input.dispatchKeyEvent", **down)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def screenshot(self, path):
        image = self.send("Page.captureScreenshot")["data"]
        path.write_bytes(base64.b64decode(image))
