import asyncio
import json

import httpx
from shown import uses

uses(httpx="httpx", anyio="anyio", httpcore="httpcore", h11="h11", certifi="certifi", sniffio="sniffio")


async def answer(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:")), 0)
    body = await reader.readexactly(length)
    text = json.dumps({"line": head.splitlines()[0], "body": body.decode()}).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text)
    await writer.drain()
    writer.close()


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 201, "headers": [(b"x-path", scope["path"].encode())]})
    await send({"type": "http.response.body", "body": b"from the app"})


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with httpx.AsyncClient(trust_env=False, base_url=base) as client:
        many = await asyncio.gather(*(client.get("/", params={"number": number}) for number in range(4)))
        print([one.json()["line"] for one in many])
        print((await client.post("/form", data={"a": "1 2"})).json(), (await client.post("/", json=[1])).json()["body"])
        # The client of a thread talks to the same server.
        print(await asyncio.to_thread(in_thread, base))
        try:
            await client.get("http://127.0.0.1:1/")
        except httpx.ConnectError as error:
            print(type(error).__module__, type(error.__cause__).__module__)
    server.close()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://inside") as client:
        inside = await client.get("/deep/path")
        print(inside.status_code, inside.text, inside.headers["x-path"])


def in_thread(base):
    with httpx.Client(trust_env=False) as client:
        return client.get(f"{base}/thread").json()["line"]


asyncio.run(main())
print(httpx.URL("http://h.example:80/a?b=c").params, httpx.codes.NOT_FOUND, httpx.QueryParams({"a": [1, 2]}))
