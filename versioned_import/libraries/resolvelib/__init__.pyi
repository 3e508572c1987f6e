from resolvelib import *
