from packaging.utils import *
