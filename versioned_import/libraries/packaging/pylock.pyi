from packaging.pylock import *
