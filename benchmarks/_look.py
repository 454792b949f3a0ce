import asyncio, sys, time
from concurrent.futures import ThreadPoolExecutor
from benchmarks.measure import Options, closed_loop
from benchmarks.peers import dbos_peer as p
import uvloop
async def main(url):
    async with p.open_dbos(Options(url)) as e:
        for rnd in range(3):
            for threads in (6, 20, 40):
                asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads))
                out=[]
                for shape in ("chain","fan"):
                    cpu=time.process_time()
                    d,s=await closed_loop(lambda: e.run(shape,"x"), at_once=16, seconds=0)
                    out.append(f"{shape} {d*100/s:.0f}/s cpu {(time.process_time()-cpu)/d/100*1e6:.0f}us")
                print(threads, out, flush=True)
uvloop.run(main(sys.argv[2]))
