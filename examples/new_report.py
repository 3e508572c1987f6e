# coding: versioned
"""A script on requests 2.32 and urllib3 2: it relies on `allowed_methods`, and on urllib3's own `request` function."""

import sys

import requests version 2.32
import urllib3 version ">=2,<3"
from requests.adapters import HTTPAdapter

retry = urllib3.Retry(total=3, backoff_factor=0.01, status_forcelist=[503], allowed_methods=["GET"])
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=retry))
answer = session.get(sys.argv[1], timeout=10)
answer.raise_for_status()
assert urllib3.request("GET", sys.argv[1], retries=retry).json() == answer.json()

print(f"new_report.py  requests {requests.__version__:8} urllib3 {urllib3.__version__:8} got {answer.json()['rows']} rows")
