from packaging.tags import *
