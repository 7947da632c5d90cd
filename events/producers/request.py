#!/usr/bin/env python3
"""Signs a change request of slb-autopilot, puts it on the queue and prints the message's id.

  request.py --key ci.pem --key-id ci-2026 [FILE]

FILE holds the request as JSON, without a signature; without FILE it is read from standard input. In the environment:
MNS_ENDPOINT (https://ACCOUNT.mns.REGION.aliyuncs.com), ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET
and, with a temporary key, ALIBABA_CLOUD_SECURITY_TOKEN. Exit status: 0 it is on the queue, 1 it is not, or nobody knows.
Running it again does no harm: the same request under the same requestId is carried out once.

Needs Python 3.8 and the package cryptography (Debian: python3-cryptography); nothing else of slb-autopilot.
"""
import argparse
import base64
import hashlib
import hmac
import html
import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.request
from email.utils import formatdate
from urllib.parse import urlsplit

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
except ImportError:
    sys.exit("request.py: the package cryptography is missing (Debian: python3-cryptography)")

QUEUE = "slb-autopilot-change-requests"
KIND = "slb-autopilot/change-request"
# Base64 makes it the 64 KiB that a message may have.
REQUEST_BYTES_MAX = 48 * 1024
TIMEOUT_SECONDS = 10


class Failure(Exception):
    """Ends the program; its text is for people."""


def canonical(value):
    """The canonical JSON (RFC 8785) of all that a request can hold: objects, arrays, strings, booleans and whole numbers
    below 2^53. Fractions and null, which the RFC knows too, no request can hold: they are refused."""
    if isinstance(value, dict):
        # Sorted by UTF-16 code units, as the RFC wants it, and not by code points, as Python would.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        # Python's escapes are the RFC's: \" \\ \b \f \n \r \t, \u00xx for the other control characters, no more.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    # 8e1 is whole, too.
    if isinstance(value, (int, float)) and value == value // 1 and abs(value) < 2**53:
        return str(int(value))
    raise Failure(f"no request holds {value!r}")


def read_request(file):
    """The request; what is no UTF-8 is refused, or it would silently become something else."""
    if file is None:
        content = sys.stdin.buffer.read()
    else:
        with open(file, "rb") as opened:
            content = opened.read()
    request = json.loads(content.decode("utf-8"))
    if not isinstance(request, dict) or request.get("kind") != KIND:
        raise Failure(f"it is no change request: its kind is not {KIND}")
    if "signature" in request:
        raise Failure("it has a signature already")
    return request


def read_key(file):
    with open(file, "rb") as opened:
        try:
            key = load_pem_private_key(opened.read(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Failure(f"{file} cannot be read as a private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Failure(f"{file} is no Ed25519 key")
    return key


def sign_request(request, key, key_id):
    """The request with its signature: Ed25519 over the canonical JSON of all the rest. A lone surrogate, which passes
    json.loads as an escape, is no UTF-8: UnicodeEncodeError."""
    value = base64.b64encode(key.sign(canonical(request).encode("utf-8"))).decode()
    return canonical({**request, "signature": {"keyId": key_id, "value": value}}).encode("utf-8")


def variable(name):
    value = os.environ.get(name)
    if not value:
        raise Failure(f"{name} is not set")
    return value


def post_to_queue(endpoint, body):
    """The request of MNS's API 2015-06-06 that sends a message: its headers are signed with HMAC-SHA1."""
    path = f"/queues/{QUEUE}/messages"
    headers = {
        # The hex text of the digest in Base64, as the vendor's own clients send it.
        "Content-MD5": base64.b64encode(hashlib.md5(body).hexdigest().encode()).decode(),
        "Content-Type": "text/xml",
        "Date": formatdate(usegmt=True),
    }
    said = "\n".join(["POST", *headers.values(), "x-mns-version:2015-06-06", path])
    secret = variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    digest = base64.b64encode(hmac.new(secret.encode(), said.encode(), hashlib.sha1).digest()).decode()
    headers["x-mns-version"] = "2015-06-06"
    headers["Authorization"] = f"MNS {variable('ALIBABA_CLOUD_ACCESS_KEY_ID')}:{digest}"
    token = os.environ.get("ALIBABA_CLOUD_SECURITY_TOKEN")
    if token:
        headers["security-token"] = token
    return urllib.request.Request(endpoint + path, data=body, headers=headers, method="POST")


def element(name, xml):
    found = re.search(f"<{name}>(.*?)</{name}>", xml, re.DOTALL)
    return html.unescape(found[1]) if found else None


def send(text):
    """Puts the text on the queue; its message's id."""
    endpoint = variable("MNS_ENDPOINT").rstrip("/")
    if not re.match("https?://", endpoint):
        endpoint = "https://" + endpoint
    if urlsplit(endpoint).path:
        raise Failure("MNS_ENDPOINT has a path")
    message = (
        '<?xml version="1.0" encoding="UTF-8"?><Message xmlns="http://mns.aliyuncs.com/doc/v1/">'
        f"<MessageBody>{base64.b64encode(text).decode()}</MessageBody></Message>"
    )
    try:
        with urllib.request.urlopen(post_to_queue(endpoint, message.encode()), timeout=TIMEOUT_SECONDS) as answer:
            status, xml = answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        status, xml = error.code, error.read().decode("utf-8", "replace")
    except urllib.error.URLError as error:
        raise Failure(f"MNS did not answer: {error.reason}") from error
    message_id = element("MessageId", xml)
    if status == 201 and message_id:
        return message_id
    code, why, request_id = element("Code", xml), element("Message", xml), element("RequestId", xml)
    raise Failure(f"MNS answered with status {status}: {code}: {why} (request id {request_id})" if code
                  else f"MNS answered with status {status}")


def main():
    parser = argparse.ArgumentParser(description="Signs a change request and puts it on the queue.")
    parser.add_argument("--key", required=True, metavar="PEM", help="the Ed25519 private key")
    parser.add_argument("--key-id", required=True, metavar="ID", help="its id in autopilot.yaml")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the request; standard input without it")
    parser.error = lambda message: sys.exit(f"request.py: {message}")
    options = parser.parse_args()
    try:
        text = sign_request(read_request(options.file), read_key(options.key), options.key_id)
        if len(text) > REQUEST_BYTES_MAX:
            raise Failure("it is larger than 48 KiB")
        print(send(text))
    except (Failure, OSError, ValueError, RecursionError, http.client.HTTPException) as error:
        sys.exit(f"request.py: {error}")


if __name__ == "__main__":
    main()
