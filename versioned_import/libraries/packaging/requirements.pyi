from packaging.requirements import *
