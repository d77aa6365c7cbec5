"""Asks 1EdTech's validator whether Open Badges 2.0 verify: python open_badges_2.py PUBLIC_ORIGIN LOCAL_ORIGIN EMAIL ADDRESS_OR_FILE...

@FILE instead of the rest stands for what it lists: an email and an address on each line.
Prints one line for each: OK, or the reasons why not.
"""

import io
import json
import logging
import sys

import requests
import urllib3
from openbadges.verifier.openbadges_context import OPENBADGES_CONTEXT_V2_DICT, OPENBADGES_CONTEXT_V2_URI

origin, portal, *rest = sys.argv[1:]
if rest[0].startswith("@"):
    inputs = [line.split() for line in open(rest[0][1:], encoding="utf-8").read().splitlines()]
else:
    inputs = [(rest[0], source) for source in rest[1:]]
real_send = requests.adapters.HTTPAdapter.send


def send(self, request, **options):
    address = request.url
    if address == OPENBADGES_CONTEXT_V2_URI:
        answer = requests.Response()
        answer.status_code, answer.url, answer.request, answer.encoding = 200, address, request, "utf-8"
        body = io.BytesIO(json.dumps(OPENBADGES_CONTEXT_V2_DICT).encode())
        answer.raw = urllib3.HTTPResponse(body, preload_content=False)
        answer.headers["Content-Type"] = "application/ld+json"
        return answer
    if not address.startswith(origin + "/"):
        raise requests.ConnectionError("refused: " + address)
    request = request.copy()
    request.url = portal + address[len(origin):]
    answer = real_send(self, request, **options)
    answer.url = address
    return answer


requests.adapters.HTTPAdapter.send = send
import openbadges  # noqa: E402 (after its network is taken away)

logging.disable(logging.CRITICAL)
for email, source in inputs:
    badge = source if source.startswith("http") else open(source, "rb")
    profile = {"id": "_:recipient", "email": email}
    report = openbadges.verify(badge, recipient_profile=profile, use_cache=False, cache_backend=None)["report"]
    wrong = [str(message.get("result")) for message in report["messages"] if message["messageLevel"] != "INFO"]
    if report["valid"] and (report.get("recipientProfile") or {}).get("email") == email:
        print("OK")
    else:
        print(" ".join(" / ".join(wrong).split()) or "not the recipient")
