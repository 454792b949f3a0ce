import asyncio, sys, time
from concurrent.futures import ThreadPoolExecutor
from dbos import DBOS
from benchmarks.measure import Options, closed_loop
from benchmarks.peers import dbos_peer as p
import uvloop
@DBOS.step()
def sstep(v: int) -> int: return v
@DBOS.workflow()
def schain(v: int) -> int:
    for _ in range(100): v = sstep(v)
    return v
async def main(url):
    async with p.open_dbos(Options(url)) as e:
        pool = ThreadPoolExecutor(64); loop=asyncio.get_running_loop()
        for rnd in range(3):
            for name, f in (("async", lambda: e.run("chain","x")), ("sync", lambda: loop.run_in_executor(pool, schain, 1))):
                    cpu=time.process_time()
                    d,s=await closed_loop(f, at_once=16, seconds=0)
                    print(f"{name} {d*100/s:.0f}/s cpu {(time.process_time()-cpu)/d/100*1e6:.0f}us", flush=True)
uvloop.run(main(sys.argv[2]))
