from resolvelib.resolvers import *
