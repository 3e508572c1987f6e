import asyncio

import aiohttp
import yarl
from aiohttp import web
from shown import uses

uses(aiohttp="aiohttp", yarl="yarl", multidict="multidict", frozenlist="frozenlist", attr="attrs")


async def hello(request):
    return web.json_response({"name": request.match_info["name"], "query": dict(request.query)})


async def echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data[::-1])
    return socket


async def main():
    app = web.Application()
    app.add_routes([web.get("/hello/{name}", hello), web.get("/socket", echo)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        async with session.get("/hello/you", params={"a": "1"}) as response:
            print(response.status, await response.json(), response.content_type)
        async with session.get("/nowhere") as response:
            print(response.status, response.reason)
        async with session.ws_connect("/socket") as socket:
            await socket.send_str("abc")
            print(await socket.receive_str())
    await runner.cleanup()


asyncio.run(main())
print(yarl.URL("http://h.example/a") / "b" % {"c": "d"}, type(yarl.URL("/").query).__module__)
import aiohttp._http_parser
import aiohttp._http_writer

print(aiohttp._http_parser.__name__, aiohttp._http_writer.__name__)
