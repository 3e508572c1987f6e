from packaging.version import *
