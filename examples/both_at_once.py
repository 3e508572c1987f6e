# coding: versioned
"""One process holds one version of a name: the second statement is refused, and says why."""

import requests version 2.25
import requests version 2.32
