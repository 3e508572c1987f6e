"""Work for other threads, tasks and processes: it tells what it sees there."""

import asyncio

import mvdemo


def report(number):
    import mvdep
    from mvdep.sub import NAME

    from mvdemo.unhurried import NAME as OWN

    return number, mvdemo.NAME, mvdep.NAME, NAME, OWN


def metadata_report(number):
    from importlib.metadata import version

    return number, version("mvdemo"), version("mvdep")


async def report_later(number):
    await asyncio.sleep(0)
    import mvdep.deep.deeper

    await asyncio.sleep(0)
    return (*report(number), mvdep.deep.deeper.NAME)
