import pickle

import zope.interface
from shown import uses
from zope.interface import Attribute, Interface, alsoProvides, implementer, invariant, providedBy
from zope.interface.adapter import AdapterRegistry
from zope.interface.verify import verifyClass, verifyObject

uses(zope__interface="zope.interface")


class IShop(Interface):
    name = Attribute("its name")

    def sell(what, price=1):  # noqa: N805 an interface has no self
        """Sell something."""

    @invariant
    def named(shop):  # noqa: N805
        if not shop.name:
            raise zope.interface.Invalid("no name")


class IOpen(IShop):
    pass


@implementer(IShop)
class Shop:
    name = "a"

    def sell(self, what, price=1):
        return what


shop = Shop()
print(verifyClass(IShop, Shop), verifyObject(IShop, shop), IShop.providedBy(shop), IOpen.providedBy(shop))
alsoProvides(shop, IOpen)
print([one.__name__ for one in providedBy(shop)], IShop.validateInvariants(shop), IShop["sell"].getSignatureString())
registry = AdapterRegistry()
registry.register([IShop], IOpen, "", lambda one: f"adapted {one.name}")
print(registry.lookup1(IShop, IOpen)(shop), pickle.loads(pickle.dumps(IShop)) is IShop)
shop.name = ""
try:
    IShop.validateInvariants(shop)
except zope.interface.Invalid as error:
    print(error, type(error).__module__)
from zope.interface import _zope_interface_coptimizations as fast

print(
    fast.__name__,
    zope.interface.declarations.providedBy.__class__.__name__,
    zope.interface.interface.SpecificationBase.__module__,
)
