# coding: versioned
"""A script that still needs requests 2.25, and with it urllib3 1.26: it relies on `method_whitelist`, gone in urllib3 2."""

import sys
import warnings

import requests version 2.25
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

warnings.filterwarnings("ignore", message=".*method_whitelist.*")  # urllib3 1.26 says that it will go; this script knows
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0.01, status_forcelist=[503],
                                                       method_whitelist=["GET"])))
answer = session.get(sys.argv[1], timeout=10)
answer.raise_for_status()

import urllib3

print(f"old_report.py  requests {requests.__version__:8} urllib3 {urllib3.__version__:8} got {answer.json()['rows']} rows")
