import json

import fastapi
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel
from shown import uses

uses(fastapi="fastapi", starlette="starlette", pydantic="pydantic", httpx="httpx", anyio="anyio")
app = FastAPI(title="made")


class Item(BaseModel):
    name: str
    price: float = 1.5


def user(token: str = Query(default="nobody")):
    if token == "bad":
        raise HTTPException(status_code=403, detail="not you")
    return token


@app.post("/items/{number}", response_model=Item)
async def create(number: int, item: Item, who: str = Depends(user)):  # noqa: FAST002 the old version knows nothing else
    return Item(name=f"{item.name}-{number}-{who}", price=item.price)


@app.get("/sync")
def sync():
    return {"answer": 42}


@app.websocket("/socket")
async def socket(connection: fastapi.WebSocket):
    await connection.accept()
    await connection.send_json({"heard": await connection.receive_text()})
    await connection.close()


client = TestClient(app)
print(client.post("/items/3?token=me", json={"name": "pen"}).json(), client.get("/sync").json())
print(client.post("/items/x", json={}).status_code, client.post("/items/1?token=bad", json={"name": "a"}).json())
with client.websocket_connect("/socket") as connection:
    connection.send_text("hello")
    print(connection.receive_json())
print(json.dumps(client.get("/openapi.json").json(), sort_keys=True))
