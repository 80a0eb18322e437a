"""Verifies an RS256 token (RFC 7515, RFC 8017 8.2.2) by a published key set, with nothing but what Python has.

Usage: verify.py JWKS_URL TOKEN. Prints the claims. Exit status 3: the token is refused.
"""

import base64
import hashlib
import json
import sys
import urllib.request

SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def refuse(why):
    print(f"refused: {why}", file=sys.stderr)
    sys.exit(3)


url, token = sys.argv[1:]
with urllib.request.urlopen(url) as reply:
    keys = json.load(reply)["keys"]
head, claims, signature = token.split(".")
header = json.loads(decode(head))
key = next((key for key in keys if key["kid"] == header["kid"]), None)
if key is None:
    refuse("nobody knows the key")
if header["alg"] != "RS256" or header["typ"] != "at+jwt":
    refuse("it is no access token")

n, e = (int.from_bytes(decode(key[name]), "big") for name in ("n", "e"))
size = (n.bit_length() + 7) // 8
found = pow(int.from_bytes(decode(signature), "big"), e, n).to_bytes(size, "big")
info = SHA256_INFO + hashlib.sha256(f"{head}.{claims}".encode()).digest()
if found != b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info:
    refuse("the signature does not fit")
print(decode(claims).decode())
