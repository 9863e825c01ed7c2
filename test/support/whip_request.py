"""One request to a WHIP endpoint, with the token of WHIP_TOKEN."""

import os
import time
import urllib.error
import urllib.request


def ask(method, address, body=None):
    headers = {"Authorization": f"Bearer {os.environ['WHIP_TOKEN']}"}
    if body:
        headers["Content-Type"] = "application/sdp"
    request = urllib.request.Request(address, body.encode() if body else None, headers, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            time.sleep(0.5)  # the one before was killed, and has not been silent for long enough
