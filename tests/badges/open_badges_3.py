"""Asks openbadgeslib whether badges verify: python open_badges_3.py PUBLIC_ORIGIN LOCAL_ORIGIN ADDRESS_OR_FILE...

@FILE stands for the addresses and files that it lists, one on a line.

Prints one line for each: OK, or the reason why not.
"""

import json
import sys
import urllib.request

from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError, OB3Verifier
from openbadgeslib.ob3.did import resolve_verification_method
from openbadgeslib.ob3.ldp import verify_data_integrity_proof
from openbadgeslib.verify import issuer_did_from_document

origin, portal, *inputs = sys.argv[1:]
if inputs[0].startswith("@"):
    inputs = open(inputs[0][1:], encoding="utf-8").read().splitlines()
lists_that_are_ours = set()
texts_that_verified = set()


def download(url):
    if not url.startswith(origin + "/"):
        raise OSError(f"refused: {url}")
    request = urllib.request.Request(portal + url[len(origin):], headers={"Accept": "application/vc+ld+json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def credential(data):
    if data.startswith(b"\x89PNG"):
        return OB3Verifier.extract_token_from_png(data)
    if b"<svg" in data[:2000]:
        return OB3Verifier.extract_token_from_svg(data)
    return data.decode()


def verify(source):
    data = download(source) if source.startswith("http") else open(source, "rb").read()
    text = credential(data)
    # the same signed text, in another file
    if text in texts_that_verified:
        return
    did = issuer_did_from_document(text)
    verifier = OB3LdpVerifier.for_issuer_did(did, download=download)
    # the library reads the bit and leaves the proof of an embedded list to its caller
    verifier.verify(text, check_status=True, download=download, verify_status_list=False)
    address = json.loads(text)["credentialStatus"]["statusListCredential"]
    published = download(address)
    if published not in lists_that_are_ours:
        verify_list(published, address, did)
        lists_that_are_ours.add(published)
    texts_that_verified.add(text)


def verify_list(published, address, did):
    status_list = json.loads(published)
    proof = status_list["proof"][0]
    if status_list["id"] != address or status_list["issuer"] != did:
        raise ValueError("the status list is somebody else's")
    verify_data_integrity_proof(
        status_list, resolve_verification_method(proof["verificationMethod"], download=download)
    )


for source in inputs:
    try:
        verify(source)
        print("OK")
    except (OB3VerificationError, OSError, ValueError) as problem:
        print(" ".join(str(problem).split()) or type(problem).__name__)
