import asyncio
import pickle

import sqlalchemy as sa
from shown import uses
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Session, declarative_base, joinedload, relationship

uses(sqlalchemy="SQLAlchemy", greenlet="greenlet")
Base = declarative_base()


class Shop(Base):
    __tablename__ = "shop"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(20), unique=True)
    sales = relationship("Sale", back_populates="shop", order_by="Sale.price")


class Sale(Base):
    __tablename__ = "sale"
    id = sa.Column(sa.Integer, primary_key=True)
    shop_id = sa.Column(sa.ForeignKey("shop.id"))
    price = sa.Column(sa.Integer)
    shop = relationship(Shop, back_populates="sales")

    @hybrid_property
    def dear(self):
        return self.price > 10


engine = sa.create_engine("sqlite://", future=True)
Base.metadata.create_all(engine)
with Session(engine, future=True) as session:
    session.add_all([Shop(name="a", sales=[Sale(price=20), Sale(price=5)]), Shop(name="b", sales=[Sale(price=30)])])
    session.commit()
    query = sa.select(Shop).options(joinedload(Shop.sales)).order_by(Shop.name)
    shops = session.execute(query).unique().scalars().all()
    print([(shop.name, [sale.price for sale in shop.sales]) for shop in shops])
    print(session.execute(sa.select(sa.func.count()).where(Sale.dear)).scalar())
    again = pickle.loads(pickle.dumps(shops[0]))
    print(again.name, len(again.sales))
    try:
        session.add(Shop(name="a"))
        session.flush()
    except sa.exc.IntegrityError as error:
        print(type(error.orig).__name__)
print(sa.inspect(engine).get_table_names())
print(sa.select(Shop.name, sa.func.sum(Sale.price)).join(Shop.sales).group_by(Shop.name))
from sqlalchemy.dialects import postgresql
from sqlalchemy.util import greenlet_spawn

print(sa.select(Shop.name).limit(2).compile(dialect=postgresql.dialect()))


async def spawned():
    return await greenlet_spawn(lambda: sa.select(sa.literal(1)).compile().params)


print(asyncio.run(spawned()))
