"""Has examples.

>>> import mvdemo, mvdep
>>> mvdemo.__version__, mvdep.__version__
('VERSION_TEXT', 'VERSION_TEXT')
"""


def doubled(number):
    """Return twice a number.

    >>> doubled(2), __name__
    (4, 'mvdemo.tested')
    >>> from mvdep.sub import NAME
    >>> NAME
    'mvdep.sub VERSION_TEXT'
    """
    return 2 * number
