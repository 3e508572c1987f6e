from packaging.specifiers import *
