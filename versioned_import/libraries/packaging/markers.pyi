from packaging.markers import *
